/* Counts which result of a search was opened: what was asked and which document, nothing about the reader. */

const told = new Set(); // once each for as long as the page is open

function tell(event) {
  const isMiddleButton = event.button === 1;
  if (event.type === "auxclick" && !isMiddleButton) return;
  const link = event.target.closest?.("[data-result]");
  const text = link?.closest("[data-asked]")?.dataset.asked;
  if (!text) return;
  const body = JSON.stringify({text, document: Number(link.dataset.result)});
  if (told.has(body)) return;
  told.add(body);
  navigator.sendBeacon?.(new URL("../../search/clicked/", import.meta.url), new Blob([body], {type: "application/json"}));
}

// Enter on a link is a click too.
addEventListener("click", tell);
addEventListener("auxclick", tell);
