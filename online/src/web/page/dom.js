// Elements made without markup: text is only ever text.

const SVG = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

export const draw = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

// Pairs of a definition list; a value may be text or an element.
export function list(element, pairs) {
  element.replaceChildren(...pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

// A message and what can be done about it; none hides the place.
export function complain(place, failure) {
  place.hidden = !failure;
  if (!failure) return place.replaceChildren();
  const hints = (failure.hints ?? []).map((hint) => make("li", {}, sentence(hint)));
  place.replaceChildren(make("p", {}, sentence(failure.message)), ...(hints.length ? [make("ul", {}, ...hints)] : []));
}

// Failures are written for the command line: in lower case and without a full stop.
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.:!?]$/.test(text) ? "" : ".");

// Atoms as DCR.
export function dcr(atoms) {
  const digits = String(Math.abs(atoms)).padStart(9, "0");
  const text = `${digits.slice(0, -8)}.${digits.slice(-8)}`;
  return atoms < 0 ? `−${text}` : text;
}

export const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

// What a request is for.
export function purpose(request) {
  if (request.kind === "payment") return `a payment of ${dcr(request.paid)} DCR`;
  return `${count(request.tickets, "ticket")}, ${dcr(request.locked_per_ticket)} DCR each`;
}

export const short = (id) => `${id.slice(0, 8)}…${id.slice(-4)}`;
