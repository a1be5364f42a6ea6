// A request as codes, one after the other, or one that stands still.

import { complain, find, sentence } from "./dom.js";
import { Failure, get } from "./server.js";

const RATES = [1, 2, 4, 6, 8, 10, 12];
const USUAL = 8;
// Less than three flashes a second.
const CALM = 2;
const USUAL_VERSION = 20;
// Where the window is lower than this, the page scrolls.
const LEAST = 420;
const KEYS = { " ": pause, "<": slower, ",": slower, ">": faster, ".": faster, "-": coarser, "+": denser, "=": denser };

let shown = null;
let visits = 0;

export async function enterShow(id) {
  visits += 1;
  const visit = visits;
  const about = await get(`requests/${id}`);
  if (visit !== visits) return;
  find("show-words").textContent = about.check_words;
  find("show-what").textContent = sentence(`${about.kind} for ${about.network}, ${about.bytes} bytes`);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  shown = { id, about, version: USUAL_VERSION, rate: calm ? CALM : USUAL, paused: false, next: 0, count: 0, timer: 0, turn: 0, frame: null };
  find("show-pause").setAttribute("aria-pressed", "false");
  find("show-said").textContent = "";
  addEventListener("keydown", press);
  addEventListener("resize", paint);
  await advance(shown);
}

export function leaveShow() {
  visits += 1;
  if (shown) clearTimeout(shown.timer);
  shown = null;
  removeEventListener("keydown", press);
  removeEventListener("resize", paint);
}

// Draws a frame, and gets the next one while it stands.
async function advance(at) {
  try {
    await step(at);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (at === shown) complain(find("alert"), failure);
  }
}

// A frame that comes after something else was asked for is dropped: there is one line of frames, and a pause is one.
async function step(at) {
  at.turn += 1;
  const turn = at.turn;
  const frame = at.ahead?.version === at.version ? at.ahead.frame : await ask(at);
  if (at !== shown || turn !== at.turn) return;
  at.ahead = null;
  at.frame = frame;
  at.count += 1;
  at.next = frame.next ?? 0;
  paint();
  clearTimeout(at.timer);
  if (frame.next === null || at.paused) return;
  // Never the same period twice, so that no camera keeps step with it.
  const period = (1000 / at.rate) * (0.85 + 0.3 * Math.random());
  at.timer = setTimeout(() => advance(at), period);
  const version = at.version;
  const ahead = await ask(at);
  if (turn === at.turn) at.ahead = { version, frame: ahead };
}

const ask = (at) => get(`requests/${at.id}/frame?version=${at.version}&first=${at.next}`);

function paint() {
  if (!shown?.frame) return;
  const { frame } = shown;
  const side = frame.width + 2 * frame.quiet_zone;
  const ratio = devicePixelRatio || 1;
  const place = find("code-frame").getBoundingClientRect();
  const room = Math.min(place.width, Math.max(innerHeight - place.top - scrollY - 48, LEAST));
  // Whole pixels of the screen for each module: anything else blurs.
  const scale = Math.max(1, Math.floor((room * ratio) / side));
  const canvas = find("code");
  canvas.width = canvas.height = side * scale;
  canvas.style.width = canvas.style.height = `${(side * scale) / ratio}px`;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (let module = 0; module < frame.width * frame.width; module += 1) {
    if ((parseInt(frame.dark[module >> 2], 16) >> (3 - (module & 3))) & 1) {
      const x = frame.quiet_zone + (module % frame.width);
      const y = frame.quiet_zone + Math.floor(module / frame.width);
      pen.fillRect(x * scale, y * scale, scale, scale);
    }
  }
  canvas.dataset.count = shown.count;
  find("show-state").textContent = state();
}

function state() {
  const { frame, about, count, rate, paused } = shown;
  if (!frame) return "";
  if (frame.next === null) return `One code, version ${frame.version}, holds all of it.`;
  const needed = Math.ceil(about.symbols / frame.symbols);
  const pace = paused ? "paused" : `${rate} a second`;
  return `Code ${count}; ${needed} are needed, whichever; ${pace}, version ${frame.version}.`;
}

function say(text) {
  find("show-said").textContent = text;
  find("show-state").textContent = state();
}

function pause() {
  shown.paused = !shown.paused;
  // The first code is seen even so.
  if (shown.frame) shown.turn += 1;
  find("show-pause").setAttribute("aria-pressed", String(shown.paused));
  clearTimeout(shown.timer);
  if (shown.frame && !shown.paused) advance(shown);
  say(shown.paused ? "Paused" : "Goes on");
}

function pace(by) {
  const at = RATES.indexOf(shown.rate) + by;
  shown.rate = RATES[Math.min(Math.max(at, 0), RATES.length - 1)];
  say(`${shown.rate} codes a second`);
}

function slower() {
  pace(-1);
}

function faster() {
  pace(1);
}

function size(by) {
  const { versions } = shown.about;
  // A code that holds all of it may be smaller than what was asked for.
  const seen = shown.frame?.next === null ? Math.min(shown.frame.version, shown.version) : shown.version;
  const at = versions.indexOf(seen) + by;
  const version = versions[Math.min(Math.max(at, 0), versions.length - 1)];
  say(`Codes of version ${version}`);
  // A key that is held down keeps no code from coming.
  if (version === shown.version) return;
  shown.version = version;
  clearTimeout(shown.timer);
  advance(shown);
}

function coarser() {
  size(-1);
}

function denser() {
  size(1);
}

function press(event) {
  const key = KEYS[event.key];
  if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
  // Space on a button or link is that button's.
  if (event.key === " " && event.target.closest("button, a, input, select")) return;
  event.preventDefault();
  key();
}

for (const [id, key] of [["pause", pause], ["slower", slower], ["faster", faster], ["coarser", coarser], ["denser", denser]]) {
  // There is nothing to be changed before the request is there.
  find(`show-${id}`).addEventListener("click", () => shown && key());
}
