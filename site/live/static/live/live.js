/* Keeps an open page at what is published.

The body names the topics whose changes show on this page, each with the version the page was made from. A doorbell
(connection.js) says which topic has moved on; what was missed is fetched from /live/<topic>/ as ready-made regions and merged
(regions.js) without disturbing the reader (keep.js), who is told what changed (words.js). The page is complete without it. */

import {connect} from "./connection.js";
import {merge, prepare, remember, regionsOf} from "./regions.js";
import {ROOT, backOff, read, times} from "./times.js";
import {Trouble, announce, restored, withdraw} from "./words.js";

const topics = new Map(); // by name: {name, version, epoch, told: {version, epoch} or null, tries, isGone, wantsSeen}
const waiting = new Set(); // topics to ask for, one at a time: no answer overwrites one that was made later
const trouble = new Trouble();
let connection, own, page, community, reading;
let isWorking = false;
let isWithdrawn = false;

if (document.body.dataset.topics) {
  adopt(document.body.dataset);
  remember();
  connection = connect({known, told, gone, hurry, trouble});
}

/* Take over the topics, their versions and the reader's community from what a body says of its page. */
function adopt({topics: versions, epochs = "{}", page: number = "", community: chosen = "", reading: choices = ""}) {
  const found = JSON.parse(versions);
  const names = JSON.parse(epochs);
  const isOther = Object.keys(found).some((name) => !topics.has(name));
  [own] = Object.keys(found);
  page = Number(number);
  community = chosen;
  reading = choices;
  for (const name of topics.keys()) if (!(name in found)) topics.delete(name);
  for (const [name, version] of Object.entries(found)) {
    const topic = topics.get(name) ?? {name, told: null, tries: 0};
    topics.set(name, Object.assign(topic, {version, epoch: names[name] ?? ""}));
  }
  if (isOther) connection?.restart();
}

/* What this page has, as the server wants to hear it. */
function known() {
  const all = [...topics.values()];
  return {
    topics: Object.fromEntries(all.map(({name, version}) => [name, version])),
    epochs: Object.fromEntries(all.filter(({epoch}) => epoch).map(({name, epoch}) => [name, epoch])),
    page,
  };
}

/* The doorbell: a topic is at this version. */
function told({topic: name, version, epoch, seen = false}) {
  const topic = topics.get(name);
  if (!topic) return;
  const before = topic.told;
  topic.isGone = false;
  topic.wantsSeen ||= seen;
  topic.told = {version, epoch: epoch || topic.epoch};
  const isNews = before?.version !== version || before.epoch !== topic.told.epoch;
  if (isBehind(topic) && isNews) ask(topic);
}

/* The doorbell: nothing public has this name any more. */
function gone({topic: name}) {
  const topic = topics.get(name);
  if (!topic || topic.isGone) return;
  topic.isGone = true;
  ask(topic);
}

function isBehind({told, version, epoch}) {
  return told !== null && (told.epoch !== epoch || told.version > version);
}

/* The way is free again: ask at once for what had to wait. */
function hurry() {
  for (const topic of topics.values()) if (isBehind(topic)) ask(topic);
}

function ask(topic) {
  clearTimeout(topic.timer);
  waiting.add(topic);
  work();
}

function askLater(topic, longest = times.longest) {
  clearTimeout(topic.timer);
  topic.timer = setTimeout(ask, Math.min(backOff(topic.tries++), longest), topic);
}

async function work() {
  if (isWorking) return;
  isWorking = true;
  for (const topic of waiting) {
    waiting.delete(topic);
    await catchUp(topic);
  }
  isWorking = false;
}

/* Fetch and merge what a topic changed on this page. */
async function catchUp(topic) {
  const reason = `behind ${topic.name}`;
  let mustReload = false;
  try {
    const {name, version, epoch} = topic;
    const query = new URLSearchParams({since: version, epoch, on: location.pathname + location.search, community, reading});
    const [{status, answer, time}] = await Promise.all([read(`${ROOT}live/${name}/?${query}`), prepare()]);
    if (status === 404 && answer?.gone) leave(topic, answer);
    else if (status !== 200 || !answer) throw new Error(`${name}: ${status}`);
    else if (answer.reload || (isWithdrawn && name === own && !answer.regions?.main)) {
      mustReload = true;
      await refresh();
    } else take(topic, {...answer, time: answer.time || time});
    trouble.end(reason);
    // A server may answer with less than was announced until it has heard of it, too.
    if (isBehind(topic)) askLater(topic, times.again);
    else topic.tries = 0;
  } catch {
    if (mustReload) trouble.show(reason);
    else trouble.begin(reason);
    askLater(topic);
  }
}

function take(topic, {regions = {}, title, version, epoch, time}) {
  show(regions, time, regions.main);
  if (title) document.title = title;
  if (version === undefined) {
    topic.told = null;
    return;
  }
  Object.assign(topic, {version, epoch: epoch ?? topic.epoch, isGone: false});
  if (topic.wantsSeen && !isBehind(topic)) {
    connection.send({type: "seen", topic: topic.name, version});
    topic.wantsSeen = false;
  }
}

/* Merge regions and say what changed, or that the page which was withdrawn is there again. */
function show(regions, time, isWhole) {
  const told = merge(regions, time);
  if (isWithdrawn && isWhole) {
    isWithdrawn = false;
    restored();
  } else announce(told, time);
}

/* Take the regions from the whole page, where its changes can no longer be told one by one. */
async function refresh() {
  const {status, text, time} = await read(location.href, {accept: "text/html"});
  if (status === 404 || status === 410) return leave(topics.get(own), {});
  if (status !== 200) throw new Error(`${location.pathname}: ${status}`);
  const now = new DOMParser().parseFromString(text, "text/html");
  show(regionsOf(now), time, true);
  document.title = now.title;
  if (now.body.dataset.topics) adopt(now.body.dataset);
}

/* What is open here is no longer public. A page that is not content (a search) stays as it is. */
function leave(topic, answer) {
  Object.assign(topic, {isGone: true, told: null});
  if (isWithdrawn || !document.querySelector('[data-region="main"]')) return;
  isWithdrawn = true;
  withdraw(answer);
}
