// Shows what cleaning would change in text that is pasted into a formatted field, before it goes in.
"use strict";
(() => {
  const WAIT = 3000;  // milliseconds for an answer; after that it is pasted as it is
  const { cleanPaste, title, changed, before, after, cleaned, asIs, cancel } = document.currentScript.dataset;
  const ours = new WeakSet();  // events that this script sends

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  async function ask(html, text) {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
    const answer = await fetch(cleanPaste, {
      method: "POST",
      body: new URLSearchParams({ html, text }),
      headers: { "x-csrftoken": token, "x-requested-with": "XMLHttpRequest" },
      signal: AbortSignal.timeout(WAIT),
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    return answer.json();
  }

  // Pastes into the editor as the browser would have done.
  function paste(editor, range, html, text) {
    editor.focus();
    if (range) {
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
    }
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    if (html) clipboardData.setData("text/html", html);
    const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
    ours.add(event);
    editor.dispatchEvent(event);
    // Typing tells the form of itself, pasting does not; the editor writes into its field a moment later.
    window.setTimeout(() => editor.closest("form")?.dispatchEvent(new Event("change")), 400);
  }

  function choose(answer) {
    const dialog = element("dialog", "", "paste-dialog");
    const heading = element("h2", title);
    heading.id = "paste-dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
    const list = element("ul", "", "paste-dialog__changes");
    list.append(...answer.changes.map((one) => element("li", one)));
    const texts = element("div", "", "paste-dialog__texts");
    for (const [name, text] of [[before, answer.before], [after, answer.after]]) {
      const part = element("section");
      const shown = element("pre", text);
      shown.tabIndex = 0;
      shown.setAttribute("aria-label", name);
      part.append(element("h3", name), shown);
      texts.append(part);
    }
    const ways = element("div", "", "paste-dialog__ways");
    for (const [value, name, look] of [
      ["clean", cleaned, "button"], ["as-is", asIs, "button button-secondary"], ["", cancel, "button button-secondary"],
    ]) {
      const way = element("button", name, look);
      way.type = "button";
      way.addEventListener("click", () => dialog.close(value));
      ways.append(way);
    }
    dialog.append(heading, element("p", changed), list, texts, ways);
    document.body.append(dialog);
    dialog.showModal();
    ways.firstChild.focus();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue);
      });
    });
  }

  async function clean(editor, html, text) {
    const selection = window.getSelection();
    const range = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : undefined;
    let answer;
    try {
      answer = await ask(html, text);
    } catch {
      return paste(editor, range, html, text);
    }
    if (!answer.changes.length) return paste(editor, range, html, text);
    const way = await choose(answer);
    if (way === "clean") paste(editor, range, answer.html, answer.after);
    else if (way === "as-is") paste(editor, range, html, text);
    else editor.focus();
  }

  document.addEventListener("paste", (event) => {
    const editor = event.target.closest?.(".Draftail-Editor [contenteditable=true]");
    const data = event.clipboardData;
    if (!editor || !data || ours.has(event) || data.files.length) return;
    const html = data.getData("text/html");
    const text = data.getData("text/plain");
    // What comes from an editor of this kind was cleaned on its way in.
    if (html.includes("data-offset-key") || html.includes("data-draftjs") || text.trim().length < 2) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clean(editor, html, text);
  }, true);
})();
