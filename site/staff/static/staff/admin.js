// What every screen of the admin does beyond Wagtail's own scripts.
"use strict";

// What Wagtail's widgets would start by scripts inside the page: each element makes its call once it stands there.
class ScriptCall extends HTMLElement {
  connectedCallback() {
    if (this.isDone) return;  // moved
    this.isDone = true;
    const called = window[this.getAttribute("name")];
    const values = JSON.parse(this.getAttribute("arguments"));
    if (called.prototype) new called(...values);  // which does no harm to those that construct nothing
    else called(...values);
  }
}
customElements.define("script-call", ScriptCall);

// Finding out whether there is a touch screen, the chooser of an image's focal point would write a handler.
window.addEventListener("DOMContentLoaded", () => {
  if (window.jQuery?.Jcrop) window.jQuery.Jcrop.defaults.touchSupport = "ontouchstart" in window;
}, true);

// Dates and times: leaving the box changes nothing that was typed; the form says what is wrong with it.
if (window.jQuery?.fn.datetimepicker) {
  const defaults = window.jQuery.fn.datetimepicker.defaults;
  defaults.validateOnBlur = false;
  // A button that is never shown here and has no Chinese name; a calendar made later loses it when it opens.
  const removeButton = () => document.querySelectorAll(".xdsoft_save_selected").forEach((button) => button.remove());
  defaults.onShow = removeButton;
  window.addEventListener("load", () => window.setTimeout(removeButton));
}

// A side panel that was left open would cover a phone's whole screen: there it opens when it is asked for.
if (window.matchMedia("(max-width: 49.99rem)").matches) {
  try { window.localStorage.removeItem("wagtail:side-panel-open"); } catch { /* kept nowhere, so not restored */ }
}

// A form that came back with errors opens on the tab of the first one.
function openFirstError() {
  const FIRST = ".w-tabs__panel :is(.error-message, .help-critical, .w-field--error)";
  for (const error of document.querySelectorAll(FIRST)) {
    const panel = error.closest(".w-tabs__panel");
    if (!error.textContent.trim() || error.closest("template")) continue;
    if (panel.hidden) document.getElementById(panel.getAttribute("aria-labelledby"))?.click();
    return;
  }
}
window.addEventListener("load", () => window.setTimeout(openFirstError));

// Formatted text reaches its form a quarter of a second after the last key, whatever its box is told;
// what is sent sooner would lack the last words, so sending fetches them.
const SCREEN_ONLY = /^(COMMENT-|STYLE_RERENDER)/;
function fetchTexts() {
  for (const input of document.querySelectorAll("input[type=hidden]")) {
    const state = input.draftailEditor?.getEditorState?.();
    if (!state || !window.Draftail) continue;
    const text = window.Draftail.serialiseEditorStateToRaw(state);
    for (const block of text?.blocks ?? []) {  // nothing at all for an empty box
      block.inlineStyleRanges = block.inlineStyleRanges.filter((range) => !SCREEN_ONLY.test(range.style));
    }
    const value = JSON.stringify(text);
    if (input.value !== value) input.value = value;
  }
}
window.addEventListener("submit", fetchTexts, true);
// Some buttons send the form by script, which says nothing of it.
window.addEventListener("click", (event) => event.target.closest?.("button, [type=submit]") && fetchTexts(), true);

// Boxes of formatted text have no name of their own: they take that of their field, else of the panel they are in.
function nameTextBoxes() {
  for (const box of document.querySelectorAll(".public-DraftEditor-content:not([aria-label])")) {
    const input = box.closest(".w-field")?.querySelector("input[type=hidden][id]");
    const label = input && document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    const named = label ?? box.closest(".w-panel")?.querySelector(".w-panel__heading");
    const name = named?.textContent.replace("*", "").trim().split("\n")[0];  // a heading goes on with what is in its panel
    if (name) box.ariaLabel = name;
  }
}
window.addEventListener("DOMContentLoaded", () => {
  new MutationObserver(nameTextBoxes).observe(document.body, {childList: true, subtree: true});
  nameTextBoxes();
});
