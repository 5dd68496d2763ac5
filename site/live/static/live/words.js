/* What a reader is told. All words and pieces come from the page's <template id="live-words">, in its language. */

import {times} from "./times.js";

const pending = {updated: new Set(), removed: new Set()};
let saying;

function piece(name) {
  return document.getElementById("live-words").content.querySelector(`[data-live="${name}"]`).cloneNode(true);
}

function fill(element, values) {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }
  return element;
}

/* "材料已更新 10:32", to stand in the section that changed. */
export function mark(names, time = "") {
  return fill(piece("updated"), {names, time});
}

/* Say politely what changed; what changes at about the same time is said together. */
export function announce({updated, removed}, time) {
  for (const name of updated) pending.updated.add(name);
  for (const name of removed) pending.removed.add(name);
  if (!updated.length && !removed.length) return;
  say(() => ["updated", "removed"].map((kind) => sentence(kind, time)).filter(Boolean).join(piece("and").textContent));
}

function sentence(kind, time) {
  const names = [...pending[kind]].join(piece("joined").textContent);
  pending[kind].clear();
  return names && fill(piece(kind), {names, time}).textContent;
}

function say(words) {
  const status = document.getElementById("live-status");
  clearTimeout(saying);
  status.textContent = "";
  saying = setTimeout(() => {
    status.textContent = words();
  }, times.say);
}

/* In place of a page that was withdrawn: that it was, and where to go. {url, title} is the nearest public page above. */
export function withdraw({url, title = ""}) {
  const panel = fill(piece("gone"), {title});
  const above = panel.querySelector("[data-live-above]");
  const home = panel.querySelector("li:last-child a");
  if (url && url !== home.getAttribute("href")) above.querySelector("a").setAttribute("href", url);
  else above.remove();

  const main = document.querySelector('[data-region="main"]');
  const others = [...document.querySelectorAll("[data-region]:not([data-region=main], [data-region=banners])")];
  const hadFocus = [main, ...others].some((region) => region.contains(document.activeElement));
  main.replaceChildren(panel);
  for (const region of others) region.replaceChildren();
  document.title = panel.querySelector("h1").textContent;
  if (hadFocus) main.focus({preventScroll: true});
  if (main.getBoundingClientRect().top < 0) main.scrollIntoView({behavior: "instant"});
  say(() => panel.querySelector("h1").textContent);
}

/* The page that was withdrawn is shown again. */
export function restored() {
  say(() => piece("restored").textContent);
}

/* What keeps the page from being current. Trouble that lasts is said in a quiet line, which goes when it ends. */
export class Trouble {
  reasons = new Set();
  line = null;

  begin(reason) {
    if (!this.reasons.size) this.timer = setTimeout(() => this.say(), times.quiet);
    this.reasons.add(reason);
  }

  end(reason) {
    this.reasons.delete(reason);
    if (this.reasons.size) return;
    clearTimeout(this.timer);
    this.line?.remove();
    this.line = null;
  }

  /* Say it at once. */
  show(reason) {
    this.begin(reason);
    this.say();
  }

  say() {
    if (this.line) return;
    this.line = piece("stale");
    document.body.append(this.line);
    say(() => this.line?.textContent.trim() ?? "");
  }
}
