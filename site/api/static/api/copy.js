// Copies what a box holds; where the browser refuses (a site without https), it is selected for copying by hand.
const status = document.querySelector("[data-copied]");
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      text.focus();
      text.select();
      isCopied = document.execCommand("copy");
    }
    status.textContent = isCopied ? status.dataset.copied : status.dataset.notCopied;
  });
}
