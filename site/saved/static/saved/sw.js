/* Answers from what the reader keeps where the network does not; keeps nothing by itself (keep.js does). SITE is written above
by the server. Admin, API, files to download and whatever is sent are never touched. */

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const {request} = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(SITE.root)) return;
  if (request.mode !== "navigate") {
    if (SITE.kept.some((folder) => url.pathname.startsWith(folder))) event.respondWith(file(request));
    return;
  }
  const [first] = url.pathname.slice(SITE.root.length).split("/");
  if (!SITE.apart.includes(first)) event.respondWith(page(request, url));
});

/* The page as it is now; its copy where nothing comes, or not in time; without one, that there is none. */
async function page(request, url) {
  const answer = fetch(request);
  answer.catch(() => {});
  const copy = await (await caches.open(SITE.pages)).match(url.origin + url.pathname);
  if (!copy) return answer.catch(() => offline(url));
  const fromNow = answer.then((now) => (isDown(now) ? copy : now), () => copy);
  return Promise.race([fromNow, new Promise((done) => setTimeout(done, SITE.patience, copy))]);
}

function isDown({status}) {
  return status >= 502 && status <= 504;
}

async function offline({pathname}) {
  const pages = await caches.open(SITE.pages);
  for (const [root, address] of Object.entries(SITE.offline)) {
    const found = pathname.startsWith(root) && (await pages.match(address));
    if (found) return found;
  }
  return Response.error();
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request.url, {cacheName: SITE.files, ignoreVary: true});
    if (kept) return kept;
    throw error;
  }
}
