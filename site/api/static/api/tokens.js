// Copies a new token; where the browser refuses (a site without https), it is selected for copying by hand.
const button = document.querySelector("[data-copy-token]");
const text = document.querySelector("[data-token]");
const status = document.querySelector("[data-copied]");
button.hidden = false;
button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(text.value);
    status.textContent = status.dataset.copied;
  } catch {
    text.focus();
    text.select();
    const isCopied = document.execCommand("copy");
    status.textContent = isCopied ? status.dataset.copied : status.dataset.notCopied;
  }
});
