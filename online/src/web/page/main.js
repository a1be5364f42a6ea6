// The parts of the page, and which of them is seen.

import { complain, find, make, purpose, short } from "./dom.js";
import { Failure, get, settle, takeSecret } from "./server.js";
import { enterScan, leaveScan } from "./scan.js";
import { enterShow, leaveShow } from "./show.js";
import { enterTickets, leaveTickets } from "./tickets.js";

const VIEWS = {
  requests: [enterRequests, () => {}],
  show: [enterShow, leaveShow],
  scan: [enterScan, leaveScan],
  tickets: [enterTickets, leaveTickets],
};
// What can be told only when nothing that takes long is under way.
const WAITING = ["requests", "tickets"];
let leave = () => {};
let turns = 0;

function place() {
  const [view, argument] = location.hash.slice(1).split("/");
  return [Object.hasOwn(VIEWS, view) ? view : "requests", argument];
}

async function turn() {
  // The link that skips to the content is none of the views.
  if (location.hash === "#main") return find("main").focus();
  const [view, argument] = place();
  leave();
  const [enter, exit] = VIEWS[view];
  leave = exit;
  for (const name of Object.keys(VIEWS)) find(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = find(`title-${view}`);
  document.title = `${title.textContent} – dcrcold`;
  complain(find("alert"), null);
  turns += 1;
  const mine = turns;
  try {
    if (WAITING.includes(view)) await introduce();
    if (mine === turns) await enter(argument);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    complain(find("alert"), failure);
  }
}

// Says which wallet this is, or what it is being worked at.
async function introduce() {
  const line = find("wallet");
  await settle((text) => (line.textContent = text));
  const wallet = await get("wallet");
  line.textContent = `Wallet “${wallet.name}” on ${wallet.network}, searched to block ${wallet.height}`;
}

async function enterRequests() {
  const requests = await get("requests");
  find("request-none").hidden = requests.length > 0;
  find("request-list").replaceChildren(...requests.map(card));
}

function card(request) {
  const open = request.state === "prepared";
  const what = purpose(request);
  const made = request.created.slice(0, 16).replace("T", " ");
  const show = make("a", { class: open ? "button main" : "button", href: `#show/${request.id}` }, open ? "Show" : "Show again");
  show.setAttribute("aria-label", `${show.textContent} the request for ${what}`);
  return make("li", { class: "card" },
    make("h3", {}, what),
    make("p", {}, `${request.state}, valid below block ${request.expiry}, made ${made} UTC, id ${short(request.id)}`),
    ...(request.state === "cancelled" ? [] : [show]));
}

async function start() {
  takeSecret();
  addEventListener("hashchange", async () => {
    if (location.hash.startsWith("#secret=")) takeSecret();
    await turn();
    if (location.hash !== "#main") find(`title-${place()[0]}`).focus();
  });
  find("request-again").addEventListener("click", turn);
  // The other parts say it when they are entered, and are of use while there is work.
  if (!WAITING.includes(place()[0])) introduce().catch((failure) => (find("wallet").textContent = failure.message));
  await turn();
}

start();
