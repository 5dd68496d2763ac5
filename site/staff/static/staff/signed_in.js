// Whoever types is there, and whoever's sign-in is over hears of it while the text can still be saved.
"use strict";

const place = document.querySelector("[data-staff-active]");
const { staffActive: address, loginAt, csrfCookie, idleSeconds, over, signIn, again } = place.dataset;
const TOLD_EVERY = Math.min(60, idleSeconds / 10) * 1000;
const isSignedInPage = !document.body.classList.contains("login");
let told = Date.now();
let timer;
let notice;

function csrfToken() {
  const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
  return pairs.find(([name]) => name === csrfCookie)?.[1] ?? "";
}

// Asking with `accept: json` is a question alone; without it, it says that somebody is there.
async function ask(headers) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "x-requested-with": "XMLHttpRequest", "x-csrftoken": csrfToken(), ...headers },
  }).catch(() => null);  // the net is away: nothing is known
  if (answer?.status === 403) showOver();
  if (answer?.ok) hideOver();
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(look, idleSeconds * 1000 + 1000);
}

async function look() {
  await ask({ accept: "application/json" });
  if (!notice) wait();  // somebody was there in another window
}

function noteActivity() {
  if (Date.now() - told < TOLD_EVERY) return;
  told = Date.now();
  wait();
  ask({});
}

function showOver() {
  if (notice) return;
  notice = document.createElement("div");
  notice.className = "signed-out";
  notice.setAttribute("role", "alert");
  const link = document.createElement("a");
  Object.assign(link, { href: loginAt, target: "_blank", textContent: signIn });
  notice.append(over, link, again);
  document.body.prepend(notice);
}

// Signed in again in the other window: the forms of this page get the key that goes with it.
function hideOver() {
  if (!notice) return;
  notice.remove();
  notice = undefined;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = csrfToken();
  wait();
}

if (isSignedInPage) {
  for (const event of ["keydown", "input", "pointerdown"]) window.addEventListener(event, noteActivity, true);
  window.addEventListener("focus", () => notice && ask({ accept: "application/json" }));
  document.addEventListener("visibilitychange", () => !document.hidden && look());
  wait();
}
