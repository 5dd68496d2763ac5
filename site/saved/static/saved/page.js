/* What a page offers with a script: printing, sharing, keeping it on the phone, and the list of what is kept. */

import {prepareTools, say} from "../civic/tools.js";
import {drop, dropAll, isAble, isCopy, keep, kept, piece, refresh, register, timeOf} from "./keep.js";

prepareTools();
const button = document.querySelector("[data-save]");
const list = document.querySelector("[data-saved-list]");

if (!isAble) {
  button?.setAttribute("data-unable", "");
  list?.replaceChildren(...(document.getElementById("saved-words") ? [piece("unable")] : []));
} else {
  if (button) offer(button);
  if (list) show(list);
  addEventListener("online", () => comeBack());
  const begin = () => navigator.onLine && refresh().then(() => list && show(list)).catch(() => {});
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
}

/* The button that keeps this page, or forgets it. */
async function offer(button) {
  const url = location.pathname;
  let isKept = false;
  const label = async () => {
    isKept = (await kept()).some((page) => page.url === url);
    button.textContent = isKept ? button.dataset.kept : button.dataset.keep;
    button.setAttribute("aria-pressed", String(isKept));
  };
  button.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      if (isKept) await drop(url);
      else {
        say(button.dataset.busy);
        await register();
        await keep(url, {kind: "guide", beside: button.dataset.beside.split(" ").filter(Boolean)});
        await refresh();
      }
      await label();
      say(isKept ? button.dataset.done : button.dataset.dropped);
    } catch {
      say(button.dataset.failed);
    } finally {
      button.ariaBusy = "false";
    }
  });
  await label();
}

/* The list of what is kept: guides with the places that belong to them, and the reader's community. */
async function show(list) {
  const pages = (await kept()).filter(({kind}) => kind !== "shell");
  if (!pages.length) return list.replaceChildren(piece("nothing"));
  const parts = ["community", "guide", "office"].map((kind) => {
    const some = pages.filter((page) => page.kind === kind);
    if (!some.length) return "";
    const part = piece("group");
    part.querySelector("h2").textContent = part.dataset[kind];
    const line = part.querySelector("li");
    line.replaceWith(...some.map((page) => lineOf(line, page, list)));
    return part;
  });
  const all = piece("all");
  all.querySelector("button").addEventListener("click", async () => {
    await dropAll();
    await show(list);
    list.tabIndex = -1;
    list.focus();
  });
  list.replaceChildren(...parts, all);
}

function lineOf(blank, {url, title, at, kind}, list) {
  const line = blank.cloneNode(true);
  const [link, time, button] = [line.querySelector("a"), line.querySelector("time"), line.querySelector("button")];
  link.href = url;
  link.textContent = title;
  time.dateTime = new Date(at).toISOString();
  time.textContent = timeOf(at);
  if (kind !== "guide") button.remove();
  button.querySelector("span").textContent = title;
  button.addEventListener("click", async () => {
    await drop(url);
    await show(list);
    list.tabIndex = -1;
    list.focus();
  });
  return line;
}

/* The network is back: copies are taken anew, and one that is being read says that there is something newer. */
async function comeBack() {
  await refresh({isAll: true}).catch(() => {});
  if (list) await show(list);
  if (isCopy) document.querySelector("[data-saved='note'] [data-saved-newer]")?.removeAttribute("hidden");
}
