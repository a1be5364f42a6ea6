// Tickets and prices, as pictures and as tables that say the same.

import { complain, dcr, draw, find, list, make, short } from "./dom.js";
import { Failure, get, work } from "./server.js";

// Tickets in the picture; the table has all of them.
const MOST_ROWS = 60;
const ROW = 40;
// A picture narrower than this has no room for more than a name in a row.
const NARROW = 300;
const ENDED = ["voted", "missed", "expired", "revoked", "matured-back"];

let facts = null;

export async function enterTickets() {
  addEventListener("resize", paint);
  await load();
}

export function leaveTickets() {
  removeEventListener("resize", paint);
}

async function load() {
  const [wallet, tickets] = [await get("wallet"), await get("tickets")];
  let stake = null;
  try {
    stake = await get("stake");
    complain(find("stake-problem"), null);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    complain(find("stake-problem"), failure);
  }
  facts = { wallet, tickets, stake };
  find("wallet").textContent = `Wallet “${wallet.name}” on ${wallet.network}, searched to block ${wallet.height}`;
  find("stake").hidden = !stake;
  find("tickets").hidden = find("tickets-table").hidden = tickets.length === 0;
  find("tickets-none").hidden = tickets.length > 0;
  find("tickets-rows").replaceChildren(...tickets.map(row));
  if (stake) list(find("stake-facts"), words(wallet, stake));
  paint();
}

const back = (ticket) => (ticket.returns_on ? (ENDED.includes(ticket.state) ? "" : "~") + ticket.returns_on.slice(0, 10) : "?");

function row(ticket) {
  const vsp = ticket.vsps.map((with_) => with_.state).join(", ") || "–";
  // Named, because on a small screen the headings are out of sight.
  const cell = (name, value, kind = "") => make("td", { role: "cell", class: kind, "data-name": name }, value);
  return make("tr", { role: "row" },
    make("th", { scope: "row", role: "rowheader", title: ticket.id }, short(ticket.id)),
    cell("State", ticket.state),
    cell("VSP", vsp),
    cell("Locked", dcr(ticket.price), "number"),
    cell("Net", dcr(ticket.net), "number"),
    cell("Back", back(ticket)));
}

function words(wallet, stake) {
  const done = wallet.window_blocks - stake.blocks_left;
  const left = stake.minutes_left > 0 ? `about ${stake.minutes_left} minutes` : "less than a minute";
  const pairs = [
    ["Price now", `${dcr(stake.price)} DCR`],
    ["This window", `${done} of ${wallet.window_blocks} blocks are through, ${left} left`],
    ["Next price", `${dcr(stake.next_window_expected)} DCR expected, ${dcr(stake.next_window_min)} to ${dcr(stake.next_window_max)}`],
  ];
  const { account } = stake;
  if (account) {
    pairs.push(["Pool", `${account.pool_size} tickets, ${wallet.pool_target} aimed at`]);
    pairs.push(["Mine", `${account.live} live, ${account.immature} immature, ${account.unmined} unmined, ${account.voted} voted, ${account.missed} missed, ${account.expired} expired`]);
    pairs.push(["Rewards", `${dcr(account.rewards)} DCR`]);
  }
  return pairs;
}

function paint() {
  if (!facts) return;
  if (facts.stake) find("stake-picture").replaceChildren(prices(facts.wallet, facts.stake));
  if (facts.tickets.length) find("tickets-picture").replaceChildren(timeline(facts.wallet, facts.tickets));
}

// A picture as wide as its place, whose text has the size of the other text: what it is drawn in are that text's units.
function picture(place, height, title, ...children) {
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const width = Math.max(Math.floor(find(place).clientWidth / unit), 120);
  const name = `${place}-title`;
  const size = { width: width * unit, height: height * unit, viewBox: `0 0 ${width} ${height}` };
  return [width, draw("svg", { ...size, role: "img", "aria-labelledby": name }, draw("title", { id: name }, title), ...children)];
}

const text = (x, y, content, anchor = "start") => draw("text", { x, y, "text-anchor": anchor }, content);
const bar = (x, y, width, kind, height = 10) => draw("rect", { x, y, width: Math.max(width, 1), height, class: kind });
const mark = (x, y, kind, height = 18) => draw("line", { x1: x, x2: x, y1: y, y2: y + height, class: kind });

function prices(wallet, stake) {
  const done = wallet.window_blocks - stake.blocks_left;
  const title = `Price window, block ${done} of ${wallet.window_blocks}; next price between ${dcr(stake.next_window_min)} and ${dcr(stake.next_window_max)} DCR; tickets in the pool`;
  const [width, svg] = picture("stake-picture", 172, title);
  const inner = width - 2;
  const narrow = width < NARROW;
  const number = (atoms) => (narrow ? dcr(atoms).slice(0, -6) : dcr(atoms));
  svg.append(
    text(0, 14, `${narrow ? "" : "This window: block "}${done} of ${wallet.window_blocks}`),
    bar(1, 22, inner, "track"), bar(1, 22, (inner * done) / wallet.window_blocks, "done"));
  const prices_ = [stake.next_window_min, stake.next_window_max, stake.price, stake.next_window_expected];
  const [low, high] = [Math.min(...prices_), Math.max(...prices_)];
  const at = (price) => 4 + ((inner - 8) * (price - low)) / Math.max(high - low, 1);
  svg.append(
    text(0, 58, narrow ? "┃ now ● next" : "Next price: ┃ now, ● expected"),
    bar(1, 70, inner, "track"),
    bar(at(stake.next_window_min), 70, at(stake.next_window_max) - at(stake.next_window_min), "range"),
    mark(at(stake.price), 66, "now"),
    draw("circle", { cx: at(stake.next_window_expected), cy: 75, r: 5, class: "expected" }),
    text(0, 100, number(low)), text(width, 100, number(high), "end"));
  const pool = stake.account?.pool_size ?? 0;
  const most = Math.max(pool, wallet.pool_target) * 1.1;
  svg.append(
    text(0, 132, narrow ? `Pool: ${pool}` : `Pool: ${pool} tickets, ┃ ${wallet.pool_target} aimed at`),
    bar(1, 144, inner, "track"), bar(1, 144, (inner * pool) / most, "done"), mark((inner * wallet.pool_target) / most, 140, "now"));
  return svg;
}

function timeline(wallet, all) {
  const tickets = all.slice(-MOST_ROWS);
  const now = wallet.height;
  const begins = (ticket) => ticket.height ?? now;
  const ends = (ticket) => ticket.returns_at ?? ticket.ended_at ?? now;
  const first = Math.min(now, ...tickets.map(begins));
  const last = Math.max(now + 1, ...tickets.map(ends));
  const title = `Time line of ${tickets.length} tickets from block ${first} to block ${last}, now at block ${now}`;
  const height = tickets.length * ROW + 34;
  const [width, svg] = picture("tickets-picture", height, title);
  const at = (block) => 1 + ((width - 2) * (block - first)) / (last - first);
  tickets.forEach((ticket, number) => {
    const top = number * ROW;
    const [from, to] = [at(begins(ticket)), at(ends(ticket))];
    const through = Math.min(Math.max(at(now), from), to);
    const name = width < NARROW ? ticket.id.slice(0, 8) : `${ticket.id.slice(0, 8)} ${ticket.state}, back ${back(ticket)}`;
    svg.append(text(0, top + 14, name));
    svg.append(bar(from, top + 21, to - from, "awaited"), bar(from, top + 21, through - from, `state ${ticket.state}`), mark(at(now), top + 18, "now", 16));
  });
  const bottom = height - 8;
  svg.append(text(0, bottom, `${first}`), text(width, bottom, `${last}`, "end"));
  const middle = Math.min(Math.max(at(now), 90), width - 90);
  if (width > NARROW) svg.append(text(middle, bottom, `now ${now}`, "middle"));
  return svg;
}

// What became of standing orders.
function orders(result) {
  return [
    ...result.orders_sent.map((id) => `Standing order ${short(id)} sent: its price came.`),
    ...result.orders_ended.map((id) => `Standing order ${short(id)} ended: its tickets expired.`),
    ...result.orders_refused.map((refused) => `Standing order refused, tried again: ${refused}.`),
  ];
}

async function sync() {
  const said = find("tickets-said");
  const button = find("tickets-sync");
  button.disabled = true;
  try {
    const result = await work("sync", {}, (words_) => (said.textContent = words_));
    await load();
    said.textContent = [`At block ${result.height}.`, ...orders(result)].join(" ");
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    said.textContent = "";
    complain(find("alert"), failure);
  } finally {
    button.disabled = false;
  }
}

find("tickets-sync").addEventListener("click", sync);
