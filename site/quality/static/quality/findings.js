// The side panel 检查: asks anew while somebody types, leads to the field and writes what mends it.
"use strict";
function start() {
  const WAIT = 800;  // milliseconds after the last change
  const AGAIN = 5000;  // milliseconds after an answer that did not come, doubled each time
  const panel = document.querySelector("[data-findings]");
  const form = document.querySelector("form[data-edit-form]");
  if (!panel || !form) return;
  const list = panel.querySelector("[data-findings-list]");
  const said = panel.querySelector("[data-findings-said]");
  const toggle = document.querySelector('[data-side-panel-toggle="findings"]');
  const counter = toggle?.querySelector("[data-side-panel-toggle-counter]");
  let timer, asking, lastSent, again = AGAIN;

  const sent = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return new URLSearchParams(data);
  };

  async function ask() {
    const body = sent();
    if (body.toString() === lastSent) return;
    lastSent = body.toString();
    asking?.abort();
    asking = new AbortController();
    try {
      const address = new URL("findings/", new URL(form.getAttribute("action") || "", window.location.href));
      const answer = await fetch(address, { method: "POST", body, signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      show(await answer.text());
      again = AGAIN;
    } catch (error) {
      if (error.name === "AbortError") return;
      lastSent = undefined;
      say(panel.dataset.saidFailed, { failed: true });
      later(again);
      again *= 2;
    }
  }

  function show(html) {
    const active = list.contains(document.activeElement);
    if (list.innerHTML !== html) list.innerHTML = html;
    const count = Number(list.querySelector("[data-count]").dataset.count);
    if (counter) {
      counter.textContent = String(count);
      counter.hidden = !count;
    }
    say(count ? panel.dataset.saidSome.replace("{count}", count) : panel.dataset.saidNone);
    if (active && !list.contains(document.activeElement)) {
      (list.querySelector("button, a") ?? panel.closest("[data-side-panel]"))?.focus();
    }
  }

  // To those who hear the screen; what failed also to those who see it.
  function say(text, { failed = false } = {}) {
    if (said.textContent !== text) said.textContent = text;
    said.classList.toggle("w-sr-only", !failed);
  }

  function later(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, wait);
  }

  // Fields by the name under which they are sent; a list of parts by the first field in it.
  const fieldsCalled = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const fieldOf = (name) =>
    fieldsCalled(name)[0] ?? [...form.elements].find((field) => field.name.startsWith(`${name}-`));

  function open(name) {
    const field = fieldOf(name);
    const place = (field?.type === "hidden" ? field.closest("section, .w-field, [data-contentpath]") : field)
      ?? document.getElementById(`id_${name}`);
    if (!place) return;
    for (let inner = place; inner; inner = inner.parentElement) {
      if (inner.matches(".w-tabs__panel[hidden]")) document.getElementById(inner.getAttribute("aria-labelledby"))?.click();
      if (inner.matches('[data-panel-content][hidden], .w-panel__content[hidden]')) {
        inner.closest("[data-panel]")?.querySelector("[data-panel-toggle]")?.click();
      }
    }
    const focusable = field && field.type !== "hidden" ? field
      : place.querySelector("[contenteditable=true], input:not([type=hidden]), textarea, select, button");
    place.scrollIntoView({ block: "center" });
    focusable?.focus({ preventScroll: true });
  }

  function write(name, text) {
    const fields = fieldsCalled(name);
    const wanted = fields.length > 1 || fields[0]?.type === "radio"
      ? fields.find((field) => field.value === text) : fields[0];
    if (!wanted) return false;
    if (wanted.draftailEditor) {
      wanted.draftailEditor.onChange(window.Draftail.createEditorStateFromRaw(JSON.parse(text)));
      wanted.value = text;  // which the editor itself does a moment later
      return true;
    }
    if (wanted.type === "checkbox" || wanted.type === "radio") wanted.checked = fields.length > 1 || Boolean(text);
    else wanted.value = text;
    wanted.dispatchEvent(new Event("input", { bubbles: true }));
    wanted.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  panel.addEventListener("click", (event) => {
    const way = event.target.closest("[data-mend-field], [data-finding-field]");
    if (!way) return;
    event.preventDefault();
    const { mendField, mendText, mendClears, findingField } = way.dataset;
    if (mendField === undefined) return open(findingField);
    if (mendClears) write(mendClears, "");
    if (write(mendField, mendText)) ask();
    open(mendField);
  });

  function changed() {
    again = AGAIN;
    later(WAIT);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Formatted text and choosers write into hidden fields, of which no event tells.
  form.addEventListener("focusout", changed);
  form.addEventListener("w-unsaved:add", changed);
  toggle?.addEventListener("click", changed);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
