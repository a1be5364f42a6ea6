// An answer by the camera: grey pictures go to dcrcold, which reads them; what it says is shown.

import { complain, count, dcr, find, list, make, purpose, sentence } from "./dom.js";
import { Failure, get, post, postBytes, work } from "./server.js";

const LONGEST_SIDE = 1280;
const MOST_PIXELS = 1280 * 720;
const PATIENCE = 20_000;
const WITHOUT = "without a camera, have the signer write its answer to a file, and take it with: dcrcold submit FILE";
const REASONS = {
  NotAllowedError: ["the browser did not allow the camera", "allow it for this address in the browser's settings, and start the camera again"],
  NotFoundError: ["no camera was found", "connect one, and start the camera again"],
  NotReadableError: ["the camera cannot be read: another program may have it", "close that program, and start the camera again"],
  OverconstrainedError: ["this camera is gone", "choose another one"],
};
const SAID = {
  foreign: "This code is no answer of dcrcold-signer.",
  damaged: "A code was misread.",
  other: "",
};

const video = find("scan-video");
const canvas = document.createElement("canvas");
let camera = null;
// How often a camera was asked for or given up: what a browser allows later than that is nobody's any more.
let turns = 0;
let quarter = -1;
let lastRead = 0;

export async function enterScan() {
  complain(find("scan-problem"), null);
  find("scan-outcome").hidden = true;
  quarter = -1;
  tell(await get("scan"));
}

export function leaveScan() {
  stop();
}

async function begin() {
  stop();
  const mine = turns;
  complain(find("scan-problem"), null);
  try {
    await take(mine);
  } catch (error) {
    if (mine !== turns) return;
    stop();
    const [message, hint] = REASONS[error.name] ?? [`the camera cannot be used: ${error.message}`, "try another browser"];
    return complain(find("scan-problem"), new Failure(message, [hint, WITHOUT]));
  }
  if (mine !== turns) return;
  find("scan-live").hidden = find("scan-stop").hidden = false;
  find("scan-start").hidden = true;
  // Who goes through the cameras with the arrow keys stays there.
  if (document.activeElement !== find("scan-camera")) find("scan-stop").focus();
  say("The camera is on. No code was read yet.");
  lastRead = performance.now();
  const kept = camera;
  await choose();
  await look(kept);
}

// Takes the camera, unless whoever asked for it left or asked again while the browser asked back.
async function take(mine) {
  const stream = await open();
  if (mine !== turns) return stream.getTracks().forEach((track) => track.stop());
  const kept = { stream };
  camera = kept;
  stream.getVideoTracks()[0].addEventListener("ended", () => camera === kept && lost());
  video.srcObject = stream;
  await video.play();
}

function open() {
  if (!navigator.mediaDevices) throw new Error("this address is not one that may use it");
  const chosen = find("scan-camera").value;
  const which = chosen ? { deviceId: { exact: chosen } } : { facingMode: "environment" };
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
}

function stop() {
  turns += 1;
  if (camera) camera.stream.getTracks().forEach((track) => track.stop());
  camera = null;
  video.srcObject = null;
  find("scan-live").hidden = find("scan-stop").hidden = true;
  find("scan-start").hidden = !find("scan-answer").hidden;
}

function lost() {
  stop();
  complain(find("scan-problem"), new Failure("the camera is gone", ["what was received is kept; start the camera again"]));
}

// Offers the cameras that there are, which a browser names only once one was allowed.
async function choose() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const cameras = all.filter((device) => device.kind === "videoinput");
  const current = camera?.stream.getVideoTracks()[0].getSettings().deviceId;
  const option = (device, number) => {
    const made = make("option", { value: device.deviceId }, device.label || `Camera ${number + 1}`);
    made.selected = device.deviceId === current;
    return made;
  };
  find("scan-camera").replaceChildren(...cameras.map(option));
  find("scan-choice").hidden = cameras.length < 2;
}

// Sends picture after picture, each once the one before was answered.
async function look(at) {
  try {
    while (camera === at) {
      await nextPicture();
      if (camera !== at) return;
      const picture = grey();
      if (picture) tell(await postBytes("scan/picture", picture));
    }
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    stop();
    complain(find("scan-problem"), failure);
  }
}

function nextPicture() {
  return new Promise((done) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(done);
    // A tab in the background gets no pictures; it is asked again all the same.
    setTimeout(done, 250);
  });
}

// The picture as both sides, two bytes each, and one byte a pixel.
function grey() {
  const [wide, high] = [video.videoWidth, video.videoHeight];
  if (!wide || !high) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(wide, high), Math.sqrt(MOST_PIXELS / (wide * high)));
  const [width, height] = [Math.floor(wide * scale), Math.floor(high * scale)];
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(video, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(4 + width * height);
  new DataView(bytes.buffer).setUint16(0, width, true);
  new DataView(bytes.buffer).setUint16(2, height, true);
  for (let pixel = 0, from = 0; pixel < width * height; pixel += 1, from += 4) {
    bytes[4 + pixel] = (77 * data[from] + 150 * data[from + 1] + 29 * data[from + 2]) >> 8;
  }
  return bytes;
}

// Shows how the scan stands.
function tell(report) {
  const begun = report.needed > 0;
  if (report.refused || report.answer) stop();
  find("scan-bar").hidden = !begun;
  find("scan-progress").max = Math.max(report.needed, 1);
  find("scan-progress").value = report.symbols;
  find("scan-count").textContent = `${report.symbols} of ${report.needed}`;
  find("scan-restart").hidden = !begun && !report.refused;
  find("scan-other").hidden = !report.other || Boolean(report.answer || report.refused);
  find("scan-answer").hidden = !report.answer;
  find("scan-start").hidden = Boolean(camera || report.answer || report.refused);
  complain(find("scan-problem"), report.refused && new Failure(report.refused.error, report.refused.hints));
  if (report.refused) return say("");
  if (report.answer) return present(report.answer);
  if (report.last !== "nothing") lastRead = performance.now();
  follow(report, begun);
}

// Says how far it is in quarters, so that a screen reader is not talking all the time.
function follow(report, begun) {
  const now = begun ? Math.floor((4 * report.symbols) / report.needed) : -1;
  if (camera && performance.now() - lastRead > PATIENCE) {
    quarter = -2;
    return say("No code was read for 20 seconds. Bring the code closer until it nearly fills the picture, hold still, and avoid reflections.");
  }
  if (SAID[report.last]) {
    quarter = -2;
    return say(SAID[report.last]);
  }
  if (now === quarter || !begun) return;
  quarter = now;
  const kept = report.note && now === 0 ? ` ${sentence(report.note)}` : "";
  say((now > 0 ? `${25 * now} % received.` : "Codes are being received.") + kept);
}

function say(text) {
  const place = find("scan-said");
  if (place.textContent !== text) place.textContent = text;
}

function present(answer) {
  if (find("scan-answer").dataset.id === answer.id) return;
  find("scan-answer").dataset.id = answer.id;
  const { purchase } = answer;
  list(find("scan-facts"), [
    ["What it is", `${answer.kind} for ${answer.network}, ${answer.bytes} bytes`],
    ["Check words", answer.check_words],
    ["Answers the request", answer.request_words],
    ["Completes", purchase ? `${purpose(purchase)}; the request is ${purchase.state}` : "registrations with a VSP"],
    ["Signatures", purchase ? `${answer.signatures}, each verified` : String(answer.signatures)],
  ]);
  find("scan-order").hidden = purchase?.kind !== "purchase";
  say("An answer was received.");
  find("scan-answer-title").focus();
}

async function submit(whenPriceFits) {
  const buttons = [find("scan-submit"), find("scan-order")];
  buttons.forEach((button) => (button.disabled = true));
  complain(find("scan-problem"), null);
  try {
    const order = whenPriceFits ? { when_price_fits: true } : {};
    const result = await work("submit", { id: find("scan-answer").dataset.id, ...order }, say);
    find("scan-answer").hidden = true;
    find("scan-outcome").hidden = false;
    find("scan-result").replaceChildren(...outcome(result));
    say("");
    find("scan-outcome-title").focus();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    say("");
    complain(find("scan-problem"), failure);
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
}

function outcome(result) {
  const ids = (all) => make("ul", { class: "ids" }, ...all.map((id) => make("li", {}, id)));
  if (result.registrations) {
    return [make("p", {}, "Kept. Hand them to a VSP with: dcrcold vsp register"), ids(result.registrations)];
  }
  if (result.standing) {
    return [
      make("p", {}, `Kept as a standing order: the price is ${dcr(result.price)} DCR.`),
      make("p", {}, `Sent when it is ${dcr(result.locked_per_ticket)} DCR or less, until block ${result.expiry}.`),
      make("p", {}, "Bring the tickets up to date to look for it; dcrcold cancel gives it up."),
    ];
  }
  const sent = result.tickets.length + (result.split || result.payment ? 1 : 0) - result.known_before;
  const said = `${count(sent, "transaction")} sent, ${result.known_before} known before.`;
  if (result.payment) return [make("p", {}, said), make("h4", {}, "Payment"), ids([result.payment])];
  return [make("p", {}, said), ...(result.split ? [make("h4", {}, "Split"), ids([result.split])] : []), make("h4", {}, "Tickets"), ids(result.tickets)];
}

async function restart(path) {
  complain(find("scan-problem"), null);
  try {
    const report = await post(path);
    delete find("scan-answer").dataset.id;
    find("scan-outcome").hidden = true;
    quarter = -1;
    say("");
    tell(report);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    complain(find("scan-problem"), failure);
  }
}

find("scan-start").addEventListener("click", begin);
find("scan-stop").addEventListener("click", () => {
  stop();
  find("scan-start").focus();
  say("The camera is off. What was received is kept.");
});
// The button that was pressed may be gone: what can be done next has the focus.
async function goOn(path) {
  await restart(path);
  if (find("scan-answer").hidden) ["scan-stop", "scan-start", "scan-restart"].map(find).find((it) => !it.hidden).focus();
}

find("scan-restart").addEventListener("click", () => goOn("scan/restart"));
find("scan-turn").addEventListener("click", () => goOn("scan/turn"));
find("scan-camera").addEventListener("change", begin);
find("scan-submit").addEventListener("click", () => submit(false));
find("scan-order").addEventListener("click", () => submit(true));
