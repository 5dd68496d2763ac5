// Finds by name in a copy of the site: shows only the lines that hold every word.

const list = document.querySelector("[data-find]");
const field = document.querySelector("main input[type=search]");
const none = document.querySelector("[data-find-none]");

function show(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of list.querySelectorAll("li")) {
    const text = `${item.textContent} ${item.dataset.words}`.toLowerCase();
    item.hidden = !wanted.every((word) => text.includes(word));
    shown += item.hidden ? 0 : 1;
  }
  for (const group of list.querySelectorAll("section")) {
    group.hidden = !group.querySelector("li:not([hidden])");
  }
  none.hidden = shown > 0;
}

if (list && field) {
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.addEventListener("input", () => show(field.value));
  show(field.value);
}
