// Shows how far an import is as the server tells it; without an answer the page loads itself again.
const region = document.querySelector("[data-import-progress]");
if (region) {
  const next = region.dataset.importProgress;
  const address = new URL(region.dataset.socket, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  let isDone = false;
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.html) region.innerHTML = message.html;
    if (message.next) {
      isDone = true;
      location.replace(message.next);
    }
  });
  socket.addEventListener("close", () => {
    if (!isDone) setTimeout(() => location.replace(next), 3000 + Math.random() * 2000);
  });
  addEventListener("pagehide", () => {
    isDone = true;
    socket.close();
  });
}
