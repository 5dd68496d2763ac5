/* Remembers on this device which materials of a guide were ticked, until they have not been touched for a month. */

const KEPT = 30 * 24 * 3600 * 1000; // ms
const name = `ticks:${document.body.dataset.page}`;

try {
  const {at = 0, ids = []} = JSON.parse(localStorage.getItem(name)) ?? {};
  if (Date.now() - at < KEPT) for (const box of boxes()) box.checked = ids.includes(box.id);
  addEventListener("change", ({target}) => {
    if (!target.matches(".ticks__box")) return;
    const ticked = boxes().filter(({checked}) => checked).map(({id}) => id);
    if (ticked.length) localStorage.setItem(name, JSON.stringify({at: Date.now(), ids: ticked}));
    else localStorage.removeItem(name);
  });
} catch {
  // What cannot be kept is ticked for as long as the page is open.
}

function boxes() {
  return [...document.querySelectorAll(".ticks__box")];
}
