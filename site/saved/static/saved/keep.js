/* Copies of pages on this device, in the browser's Cache: each is a page without what holds only now, and says when it was taken.
Nothing of what is kept is known to the server. */

const words = document.getElementById("saved-words");
const SITE = words ? JSON.parse(words.dataset.site) : null;
const HOUR = 3_600_000;
const STALE = 12 * HOUR; // after which a copy is taken anew, or sooner while its page is read
const FRESH = HOUR / 6;
const UNWANTED = "doorstep-unwanted"; // the community whose page the reader threw away
const NOW_ONLY = "[data-needs-server], .open, template, #live-status, script:not([data-saved], [type='application/ld+json'])";
const SAFE = ["content-security-policy", "x-content-type-options", "referrer-policy"];

export const isAble = Boolean(words && "caches" in window && "serviceWorker" in navigator);
export const isCopy = "offlineCopy" in document.documentElement.dataset;

/* A text or element of the page's words, by name. */
export function piece(name) {
  return words.content.querySelector(`[data-saved="${name}"]`).cloneNode(true);
}

/* The reader's choices and our release: a copy made for others is taken anew. */
function present() {
  const {community = "", reading = ""} = isCopy ? {} : document.body.dataset;
  return [SITE.version, community, reading].join("|");
}

export function register() {
  return navigator.serviceWorker.register(`${SITE.root}sw.js`, {scope: SITE.root});
}

/* Everything that is kept: [{url, kind, title, at (milliseconds), beside (addresses), made}], newest first. */
export async function kept() {
  const pages = await caches.open(SITE.pages);
  const found = [];
  for (const request of await pages.keys()) {
    const about = (await pages.match(request))?.headers.get("x-saved");
    if (about) found.push({url: new URL(request.url).pathname, ...JSON.parse(decodeURIComponent(about))});
  }
  return found.sort((a, b) => b.at - a.at);
}

/* Take a copy of the page at an address, and of those beside it. Throws where it cannot be had, or is not for everybody. */
export async function keep(url, {kind, beside = []}) {
  const response = await fetch(url, {cache: "no-cache", headers: {accept: "text/html"}});
  if (response.status === 404 || response.status === 410) await drop(url);
  const said = response.headers.get("cache-control") ?? "";
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  if (!response.ok || !isPage || /no-store|private/.test(said)) throw new Error(`${url}: ${response.status}`);
  const address = new URL(response.url).pathname;
  const copy = new DOMParser().parseFromString(await response.text(), "text/html");
  const at = Date.now();
  prepare(copy, kind, at);
  await keepFiles(copy);
  const about = {kind, beside, at, made: present(), title: copy.querySelector("h1")?.textContent.trim() || copy.title};
  const headers = new Headers({"content-type": "text/html; charset=utf-8", "x-saved": encodeURIComponent(JSON.stringify(about))});
  for (const name of SAFE) if (response.headers.has(name)) headers.set(name, response.headers.get(name));
  const pages = await caches.open(SITE.pages);
  await pages.put(address, new Response(`<!doctype html>${copy.documentElement.outerHTML}`, {headers}));
  if (address !== url) await pages.delete(url); // it moved
  for (const other of beside) await keep(other, {kind: "office"}).catch(() => {});
}

/* Make a page one that tells when it was taken, where it holds content, and claims nothing of now. */
function prepare(copy, kind, at) {
  for (const region of copy.querySelectorAll('[data-region="banners"]')) region.replaceChildren();
  for (const element of copy.querySelectorAll(NOW_ONLY)) if (element.id !== "saved-words") element.remove();
  for (const name of Object.keys(copy.body.dataset)) delete copy.body.dataset[name]; // it follows nothing
  copy.documentElement.dataset.offlineCopy = "";
  if (kind === "shell") return;
  const note = piece("note");
  note.querySelector("time").textContent = timeOf(at, copy.documentElement.lang);
  copy.querySelector(".skip")?.after(note);
}

export function timeOf(at, lang = document.documentElement.lang) {
  return new Date(at).toLocaleString(lang, {month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23"});
}

function filesOf(copy) {
  const found = copy.querySelectorAll("link[rel='stylesheet'], link[rel='icon'], script[src], img[src]");
  const addresses = [...found].map((element) => new URL(element.getAttribute("href") ?? element.getAttribute("src"), location.href));
  return addresses.filter(({origin}) => origin === location.origin).map(({href}) => href);
}

async function keepFiles(copy) {
  const files = await caches.open(SITE.files);
  for (const address of filesOf(copy)) await files.add(new Request(address, {cache: "no-cache"}));
}

/* Forget a page, and what was kept beside it alone. */
export async function drop(url) {
  const pages = await caches.open(SITE.pages);
  await pages.delete(url);
  const left = await kept();
  const wanted = new Set(left.flatMap(({beside}) => beside));
  for (const {url: other, kind} of left) if (kind === "office" && !wanted.has(other)) await pages.delete(other);
  await tidy();
}

/* Forget everything, and the worker with it. */
export async function dropAll() {
  await caches.delete(SITE.pages);
  await caches.delete(SITE.files);
  localStorage.setItem(UNWANTED, words.dataset.community);
  const worker = await navigator.serviceWorker.getRegistration(SITE.root);
  if (worker && new URL(worker.scope).pathname === SITE.root) await worker.unregister();
}

/* Throw away files that no copy needs, and what earlier forms of keeping left. */
async function tidy() {
  const [pages, files] = [await caches.open(SITE.pages), await caches.open(SITE.files)];
  const needed = new Set();
  for (const request of await pages.keys()) {
    const copy = new DOMParser().parseFromString(await (await pages.match(request)).text(), "text/html");
    for (const address of filesOf(copy)) needed.add(address);
  }
  for (const request of await files.keys()) if (!needed.has(request.url)) await files.delete(request);
}

/* What was kept in an earlier form is kept anew in this one. */
async function takeOver() {
  const earlier = (await caches.keys()).filter((name) => name.startsWith("doorstep-") && ![SITE.pages, SITE.files].includes(name));
  for (const name of earlier) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const about = (await cache.match(request))?.headers.get("x-saved");
      if (about) await keep(new URL(request.url).pathname, JSON.parse(decodeURIComponent(about))).catch(() => {});
    }
    await caches.delete(name);
  }
}

/* Take anew what is old, was made for other choices or by another release; keep the reader's community, the list of what is kept
and what says that there is no network. Does nothing for readers who keep nothing. */
export async function refresh({isAll = false} = {}) {
  const {offline, list} = words.dataset;
  const community = words.dataset.community === localStorage.getItem(UNWANTED) ? "" : words.dataset.community;
  await takeOver();
  const found = await kept();
  if (!found.length && !community) return;
  await register();
  const missing = [];
  if (!isCopy) {
    for (const {url, kind} of found) if (kind === "community" && url !== community) await drop(url);
    if (community) missing.push({url: community, kind: "community"});
  }
  for (const url of [offline, list]) missing.push({url, kind: "shell"});
  const made = present();
  const isOld = ({url, at, made: then}) => {
    const age = Date.now() - at;
    return isAll || age > STALE || (!isCopy && (then !== made || (url === location.pathname && age > FRESH)));
  };
  const now = await kept();
  const todo = [...missing.filter(({url}) => !now.some((page) => page.url === url)), ...now.filter(isOld)];
  for (const {url, ...about} of todo) await keep(url, about).catch(() => {});
  if (todo.length) await tidy();
}
