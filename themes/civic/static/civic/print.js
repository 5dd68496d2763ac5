/* Shows the button that prints; without this script one prints by the browser's own menu. The page may be made anew around it. */

function dress() {
  for (const button of document.querySelectorAll("[data-print][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
new MutationObserver(dress).observe(document.getElementById("main"), {childList: true, subtree: true});
dress();
