/* Finds the nearest places from where the reader stands. Asked for by a click only; the position is compared here, with a list
that is the same for everybody, and is sent nowhere. Without this script, or without geolocation, nothing of it shows. */

const MOST = 5;
const FAR = 50_000; // metres, from where nobody goes there
const EARTH = 6371000;
const WAIT = {timeout: 15000, maximumAge: 60000};
const REFUSALS = {1: "denied", 2: "unavailable", 3: "timeout"};

export function metres([lat1, lng1], [lat2, lng2]) {
  const turn = (degrees) => (degrees * Math.PI) / 180;
  const part =
    Math.sin(turn(lat2 - lat1) / 2) ** 2 +
    Math.cos(turn(lat1)) * Math.cos(turn(lat2)) * Math.sin(turn(lng2 - lng1) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(part)));
}

class Near {
  constructor(root) {
    this.root = root;
    this.words = root.querySelector("[data-near-words]").content;
    this.list = root.querySelector("[data-near-list]");
    this.status = root.querySelector("[data-near-status]");
    this.button = root.querySelector("[data-near-ask]");
  }

  word(name, values = {}) {
    const text = this.words.querySelector(`[data-word=${name}]`).textContent;
    return text.replace(/\{(\w+)\}/g, (_all, key) => values[key]);
  }

  say(name) {
    this.status.textContent = this.word(name);
    this.status.hidden = false;
  }

  async find() {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    this.button.setAttribute("aria-disabled", "true");
    this.list.hidden = true;
    this.say("asking");
    try {
      const here = await new Promise((found, refused) => navigator.geolocation.getCurrentPosition(found, refused, WAIT));
      await this.show([here.coords.latitude, here.coords.longitude]);
    } catch (error) {
      this.say(REFUSALS[error.code] ?? "offline");
    } finally {
      this.button.removeAttribute("aria-disabled");
    }
  }

  async show(here) {
    const answer = await fetch(this.root.dataset.near);
    if (!answer.ok) throw new Error(answer.status);
    const {places, walking} = await answer.json();
    const only = this.root.dataset.nearOnly?.split(",");
    const known = places.filter(([id]) => !only || only.includes(String(id)));
    const near = known
      .map((place) => ({place, away: metres(here, [place[3], place[4]])}))
      .filter(({away}) => away < FAR)
      .sort((one, other) => one.away - other.away)
      .slice(0, MOST);
    this.list.replaceChildren(...near.map(({place, away}) => this.item(place, this.walk(away, walking))));
    this.list.hidden = !near.length;
    this.say(near.length ? "found" : known.length ? "far" : "none");
  }

  item([id, name, where, , , link], walk) {
    const item = this.words.querySelector("[data-near-item]").cloneNode(true);
    const named = item.querySelector("[data-near-name]");
    // In the words of the page, whose language may be another than that of the list.
    const shown = document.querySelector(link ? `main a[href="${link}"]` : `main button[name=community][value="${id}"]`);
    const above = link ? null : shown?.closest("section")?.querySelector("h2");
    named.textContent = shown?.textContent.trim() || name;
    if (link) named.href = link;
    else named.value = id;
    item.querySelector("[data-near-where]").textContent = above?.textContent.trim() || where;
    item.querySelector("[data-near-walk]").textContent = walk;
    return item;
  }

  walk(away, {detour, metres_a_minute: pace, longest}) {
    const distance =
      away < 1000
        ? this.word("metres", {number: Math.max(10, Math.round(away / 10) * 10)})
        : this.word("kilometres", {number: (away / 1000).toFixed(1)});
    const minutes = Math.max(1, Math.ceil((away * detour) / pace));
    return this.word(minutes > longest ? "straight" : "walk", {distance, minutes});
  }
}

/* The page may be made anew around it. */
function dress() {
  for (const root of document.querySelectorAll("[data-near][hidden]")) root.hidden = false;
}

if ("geolocation" in navigator) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-near-ask]");
    if (button) new Near(button.closest("[data-near]")).find();
  });
  new MutationObserver(dress).observe(document.getElementById("main"), {childList: true, subtree: true});
  dress();
}
