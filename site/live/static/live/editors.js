/* Keeps the numbers of readers fresh that the admin shows. Without it they are those of when the page was made. */

const EVERY = 10_000; // milliseconds
const SEEN_WITHIN = 30_000;

async function ask(address) {
  const answer = await fetch(address, {headers: {accept: "application/json"}});
  return answer.ok ? answer.json() : null;
}

/* Beside the page that is edited: as long as it is looked at. */
for (const place of document.querySelectorAll("[data-live-readers]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const found = await ask(place.dataset.liveReaders).catch(() => null);
    if (found) place.textContent = found.open;
  }, EVERY);
}

/* After publishing: until readers have said that they see it. */
for (const place of document.querySelectorAll("[data-live-seen]")) {
  const before = place.textContent;
  const began = Date.now();
  const timer = setInterval(async () => {
    const found = await ask(place.dataset.liveSeen).catch(() => null);
    if (found?.seen) place.textContent = `${before}${found.seen}`;
    if (Date.now() - began > SEEN_WITHIN) clearInterval(timer);
  }, 2_000);
}
