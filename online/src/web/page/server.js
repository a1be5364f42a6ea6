// Questions to dcrcold, each with the secret of the link.

const KEPT = "secret";
const PAUSE = 300;

// The secret comes in the fragment, which is sent nowhere. It leaves the address bar at once and stays in this tab.
export function takeSecret() {
  const found = location.hash.match(/^#secret=([0-9a-f]{32})$/);
  if (!found) return;
  sessionStorage.setItem(KEPT, found[1]);
  history.replaceState(null, "", "/#requests");
}

export class Failure extends Error {
  constructor(message, hints = [], status = 0) {
    super(message);
    this.hints = hints;
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const secret = sessionStorage.getItem(KEPT) ?? "";
  const headers = { ...options.headers, Authorization: `Bearer ${secret}` };
  let response;
  try {
    response = await fetch(`/api/${path}`, { ...options, headers });
  } catch {
    throw new Failure("no answer from dcrcold web", ["start it again and open the new link; nothing that was sent is lost"]);
  }
  const answer = await response.json();
  if (!response.ok) throw new Failure(answer.error, answer.hints, response.status);
  return answer;
}

export const get = (path) => ask(path);

export const post = (path, value = {}) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

export const postBytes = (path, bytes) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: bytes });

async function follow(job, path, tell) {
  tell(progress(job));
  await new Promise((done) => setTimeout(done, PAUSE));
  return get(path);
}

const progress = ({ name, step }) => (step ? `${name}: ${step.what} ${step.at} of ${step.end}` : `${name}: at work`);

// Waits for the end of what takes long, whichever page began it; `tell` hears how far it is.
export async function settle(tell) {
  let job = await get("job");
  while (job?.state === "running") job = await follow(job, "job", tell);
}

// Begins something that takes long and waits for its own end: another page may begin the like as soon as it is done.
export async function work(path, value, tell) {
  let job = await post(path, value);
  while (job.state === "running") job = await follow(job, `job?number=${job.number}`, tell);
  if (job.state === "failed") throw new Failure(job.error, job.hints);
  return job.result;
}
