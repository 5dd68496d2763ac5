/* How long things may take, in milliseconds, and waiting for answers.

Tests and benchmarks override any of these by name in the body: <body data-live-test='{"poll": 500}'>. Nothing else reads it. */

// Where the site begins, which may be below a path of a portal: "/" or "/path/".
export const ROOT = new URL("../..", import.meta.url).pathname;

export const times = {
  first: 1_000, // longest wait after the first failure; it doubles with each further one …
  longest: 20_000, // … up to this
  again: 8_000, // longest wait where an answer was older than announced
  moved: 10_000, // within this, readers of a server that goes away turn to another
  ping: 30_000, // between signs of life
  silent: 10_000, // a socket that owes an answer for longer is dead
  holds: 10_000, // one that was open for longer worked: the next failure is a first one
  answer: 20_000, // a request that takes longer has failed
  hidden: 60_000, // a page out of sight for longer lets go of its socket
  poll: 30_000, // between questions where sockets are blocked
  quiet: 300_000, // trouble that lasts longer is said
  mark: 10_000, // a change is highlighted for so long
  say: 300, // changes within this are announced together
  ...JSON.parse(document.body.dataset.liveTest ?? "{}"),
};

/* A wait after a number of failures, anywhere up to its limit: all readers at once would be the next failure. */
export function backOff(failures) {
  return Math.random() * Math.min(times.longest, times.first * 2 ** failures);
}

/* Ask the server: {status, answer (JSON or null), text, time (its 10:32), etag}. Throws when it cannot be reached in time. */
export async function read(address, headers = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), times.answer);
  try {
    const response = await fetch(address, {headers: {accept: "application/json", ...headers}, signal: limit.signal});
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      answer: isJson && text ? JSON.parse(text) : null,
      text,
      time: hoursAndMinutes(new Date(response.headers.get("date") ?? Date.now())),
      etag: response.headers.get("etag"),
    };
  } finally {
    clearTimeout(timer);
  }
}

function hoursAndMinutes(moment) {
  return moment.toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
}
