/* Printing and sharing. Without this script the browser's own menu does both, and the buttons are not shown. */

let quiet;

/* Say in a few words what a button did. */
export function say(text) {
  const status = document.getElementById("tool-status");
  if (!status) return;
  status.textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => (status.textContent = ""), 8_000);
}

export function prepareTools() {
  document.querySelector('[data-tool="print"]')?.addEventListener("click", () => print());
  const share = document.querySelector('[data-tool="share"]');
  if (!share) return;
  if (!navigator.share && !navigator.clipboard) share.setAttribute("data-unable", "");
  share.addEventListener("click", () => shareOrCopy(share));
}

async function shareOrCopy({dataset}) {
  const url = document.querySelector('link[rel="canonical"]')?.href ?? location.href.split("#")[0];
  try {
    if (navigator.share) await navigator.share({title: document.title, url});
    else {
      await navigator.clipboard.writeText(url);
      say(dataset.done);
    }
  } catch (error) {
    if (error.name !== "AbortError") say(dataset.failed); // who thought better of it needs no words
  }
}
