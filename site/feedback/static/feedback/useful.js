/* Opens "was this useful?" in place. Without this script, or where anything fails, its links lead to the same form. */

const WAIT = 3_200; // ms; the server wants to see that nobody answers faster than one can read
const opened = new WeakMap(); // by form: when it was given out

addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-useful-links] a");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link).catch(() => location.assign(link.href));
});

async function open(link) {
  const place = link.closest("[data-useful]");
  show(place, link, await ask(link.href));
}

/* The part of a form page that stands in the page; throws where there is none. */
async function ask(address, options = {}) {
  const answer = await fetch(address, {credentials: "same-origin", ...options});
  if (!answer.ok && answer.status !== 429) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = page.querySelector("[data-useful-form]");
  if (!part) throw new Error("no form");
  return document.adoptNode(part);
}

function show(place, link, part) {
  place.querySelector("[data-useful-form]")?.remove();
  for (const other of place.querySelectorAll("[data-useful-links] a")) other.toggleAttribute("aria-current", false);
  const thanks = part.querySelector("[data-useful-thanks]");
  if (thanks) return thank(place, thanks);
  part.dataset.added = "";
  link.setAttribute("aria-current", "true");
  place.append(part);
  const form = part.querySelector("form");
  opened.set(form, Date.now());
  form.addEventListener("submit", (event) => send(event, place, link));
  const cancel = form.querySelector("[data-useful-cancel]");
  cancel.hidden = false;
  cancel.addEventListener("click", () => close(place, link));
  part.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(place, link);
  });
  (part.querySelector("[data-problems]") ?? form.querySelector("textarea")).focus();
}

function close(place, link) {
  place.querySelector("[data-useful-form]")?.remove();
  link.removeAttribute("aria-current");
  link.focus();
}

/* Sends the form as the button would, once, and not sooner than it may. */
async function send(event, place, link) {
  event.preventDefault();
  const {target: form, submitter} = event;
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const body = new FormData(form, submitter);
  try {
    const left = opened.get(form) + WAIT - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    show(place, link, await ask(form.action, {method: "POST", body}));
  } catch {
    form.submit = HTMLFormElement.prototype.submit;
    for (const [name, value] of body) if (!form.elements[name]) form.append(hidden(name, value));
    if (submitter?.name) form.append(hidden(submitter.name, submitter.value));
    form.submit();
  }
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), {type: "hidden", name, value});
}

function thank(place, thanks) {
  place.querySelector("[data-useful-links]").remove();
  thanks.removeAttribute("role");
  thanks.dataset.added = "";
  place.append(thanks);
  place.querySelector("[data-useful-said]").textContent = thanks.textContent.trim();
  thanks.focus();
}
