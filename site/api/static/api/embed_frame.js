// Tells the page that holds this frame how high it is, once it has asked; nobody else hears of it.
let asker = null;

function tell() {
  const height = document.documentElement.getBoundingClientRect().height;
  if (asker) window.parent.postMessage({ doorstep: "height", height }, asker);
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || window.parent === window || data !== "doorstep:height?") return;
  asker = origin === "null" ? null : origin;
  tell();
});
new ResizeObserver(tell).observe(document.documentElement);
