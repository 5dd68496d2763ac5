/* Merging regions into the page, and knowing which of their sections changed.

A region is an element with data-region; a part is what can be told as changed: a section[id], or what else a region holds.
Parts are compared by what they say and lead to, as served: nothing a reader, a browser or a tidier editor did to the markup
counts. */

import {guards, keeping} from "./keep.js";
import {times} from "./times.js";
import {mark} from "./words.js";

const SECTION = "section[id]";
const REGION = "[data-region]";
const NOT_TOLD = "form, nav, .live-mark"; // controls and ways to elsewhere are not content
const served = new Map(); // by key of the part: {name, says}
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const fading = new Map(); // by key: the timer that ends the highlight

let Idiomorph;

/* Fetch what merges: most readers leave before anything changes. */
export async function prepare() {
  ({Idiomorph} = await import("./vendor/idiomorph.js"));
}

/* Note what was served with the page. */
export function remember() {
  for (const region of document.querySelectorAll(REGION)) note(partsOf(region, region.dataset));
}

/* {name: html} of the regions of a whole page. */
export function regionsOf(page) {
  const outer = [...page.querySelectorAll(REGION)].filter((region) => !region.parentElement.closest(REGION));
  return Object.fromEntries(outer.map((region) => [region.dataset.region, region.innerHTML]));
}

/* Merge {name: html} and mark what changed; gives the names of what did and of what went: {updated, removed}. */
export function merge(regions, time) {
  const told = {updated: [], removed: []};
  keeping(() => {
    for (const [name, html] of Object.entries(regions)) {
      const region = document.querySelector(`[data-region="${CSS.escape(name)}"]`);
      if (!region) continue;
      const {updated, removed} = mergeOne(region, html, time);
      told.updated.push(...updated);
      told.removed.push(...removed);
    }
  });
  return told;
}

function mergeOne(region, html, time) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const before = partsOf(region, region.dataset);
  const after = partsOf(fresh.content, region.dataset);
  const updated = [];
  const removed = [...before.keys()].filter((key) => served.get(key)?.name && !after.has(key)).map((key) => served.get(key).name);
  const changed = [...after.values()].filter(({key, says}) => (served.get(key)?.says ?? "") !== says);
  for (const part of after.values()) {
    if (changed.includes(part)) {
      if (!part.name) continue;
      updated.push(part.name);
      place(part, mark(part.name, time));
      if (!calm.matches) part.stage?.classList.add("live-changed");
    } else {
      carryOver(before.get(part.key), part);
    }
  }
  for (const key of before.keys()) served.delete(key);
  note(after);
  Idiomorph.morph(region, fresh.content, {morphStyle: "innerHTML", restoreFocus: false, callbacks: guards(fresh.content)});
  for (const {key} of changed) fadeLater(key);
  return {updated, removed};
}

function note(parts) {
  for (const [key, {name, says}] of parts) served.set(key, {name, says});
}

/* By key, every part of a region with {key, name, says, root, heading, stage}; stage is what a highlight falls on. */
function partsOf(root, {region: name, liveName}) {
  const parts = new Map([[name, partOf(name, root, liveName)]]);
  for (const inner of root.querySelectorAll(REGION)) {
    parts.set(inner.dataset.region, partOf(inner.dataset.region, inner, inner.dataset.liveName));
  }
  for (const section of root.querySelectorAll(SECTION)) {
    parts.set(`#${section.id}`, partOf(`#${section.id}`, section, section.dataset.liveName));
  }
  return parts;
}

function partOf(key, root, liveName) {
  const isSection = key.startsWith("#");
  const isOwn = (element) => {
    const holder = element.closest(`${SECTION}, ${REGION}`);
    return holder === root || (holder === null && !isSection);
  };
  const heading = [...root.querySelectorAll("h1, h2, h3")].find(isOwn) ?? null;
  const copy = root.cloneNode(true);
  for (const other of copy.querySelectorAll(`${SECTION}, ${REGION}, ${NOT_TOLD}`)) other.remove();
  return {
    key,
    root,
    heading,
    stage: isSection ? root : heading,
    name: liveName ?? heading?.textContent.trim().replace(/\s+/g, " ") ?? "",
    says: [copy.textContent, ...[...copy.querySelectorAll("[href], [src]")].map(addressOf)].join("\n").replace(/\s+/g, ""),
  };
}

function addressOf(element) {
  return element.getAttribute("href") ?? element.getAttribute("src");
}

/* A mark stands below the heading of its section, or of the page. */
function place({key, root, heading}, mark) {
  let before = heading;
  while (key.startsWith("#") && before && before.parentNode !== root) before = before.parentNode;
  if (before) before.after(mark);
  else root.prepend(mark);
}

/* Earlier marks and highlights stay where nothing changed since. */
function carryOver(old, part) {
  const holder = `${SECTION}, ${REGION}`;
  const mark = old && [...old.root.querySelectorAll(".live-mark")].find((found) => found.closest(holder) === old.root);
  if (mark) place(part, mark.cloneNode(true));
  if (old?.stage?.classList.contains("live-changed")) part.stage?.classList.add("live-changed");
}

function fadeLater(key) {
  clearTimeout(fading.get(key));
  const fade = () => {
    fading.delete(key);
    const region = key.startsWith("#") ? null : document.querySelector(`[data-region="${CSS.escape(key)}"]`);
    const stage = region ? partOf(key, region).stage : document.getElementById(key.slice(1));
    stage?.classList.remove("live-changed");
    if (stage?.getAttribute("class") === "") stage.removeAttribute("class");
  };
  fading.set(key, setTimeout(fade, times.mark));
}
