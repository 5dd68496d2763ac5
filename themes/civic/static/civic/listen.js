/* Reads what the page shows aloud, with a voice of the reader's device; where there is none, nothing is offered.

Pausing ends the sentence and going on begins it again: not every device can hold a voice. */

const TAGS = {"zh-hans": "zh-CN", "zh-hant": "zh-TW"}; // as devices name their voices
const BLOCK = "h1, h2, h3, h4, p, li, dt, dd, th, td, caption, figcaption, summary, label, section";
const UNREAD = "form, nav, button, script, template, .visually-hidden, [aria-hidden=true]";
const SENTENCE = /[^。！？；.!?;]{1,100}[。！？；.!?;]*|[。！？；.!?;]+/gu; // some voices fall silent in longer ones
const box = document.querySelector("[data-listen]");
const speech = window.speechSynthesis;
let parts = [];
let at = 0;
let turn = 0; // of all that were begun, the one whose answers count
let voice;

if (box && speech) {
  const [toggle, end] = box.querySelectorAll("button");
  const say = (word) => (toggle.textContent = toggle.dataset[word]);

  const offer = () => {
    const hasVoice = speech.getVoices().some(({lang}) => isSame(lang, tagOf(document.body)));
    box.hidden = !hasVoice;
  };

  const speak = () => {
    const mine = ++turn;
    light(parts[at]?.block);
    if (at >= parts.length) return stop();
    const {text, tag} = parts[at];
    voice = Object.assign(new SpeechSynthesisUtterance(text), {lang: tag}); // kept, or it may never end
    voice.onend = () => mine === turn && (at++, speak());
    voice.onerror = () => mine === turn && stop();
    speech.speak(voice);
  };

  const hush = () => {
    turn++;
    speech.cancel();
  };

  const stop = () => {
    const hadFocus = document.activeElement === end;
    hush();
    light();
    parts = [];
    at = 0;
    end.hidden = true;
    say("play");
    if (hadFocus) toggle.focus();
  };

  let isSpeaking = false;
  toggle.addEventListener("click", () => {
    isSpeaking = end.hidden || !isSpeaking;
    if (end.hidden) parts = collect(document.getElementById("main"));
    end.hidden = false;
    say(isSpeaking ? "pause" : "resume");
    if (isSpeaking) speak();
    else hush();
  });
  end.addEventListener("click", stop);
  addEventListener("pagehide", stop);
  speech.addEventListener?.("voiceschanged", offer);
  offer();
}

/* The sentences that can be seen, in order, each with the block it stands in and its language. */
function collect(root) {
  const found = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement: element} = texts.currentNode;
    const isSeen = element.checkVisibility?.() ?? element.getClientRects().length;
    if (!data.trim() || !isSeen || element.closest(UNREAD)) continue;
    const block = element.closest(BLOCK) ?? root;
    const tag = tagOf(element);
    const last = found.at(-1);
    if (last?.block === block && last.tag === tag) last.text += data;
    else found.push({text: data, block, tag});
  }
  return found.flatMap(({text, ...rest}) =>
    (text.replace(/\s+/g, " ").trim().match(SENTENCE) ?? []).map((sentence) => ({...rest, text: sentence})),
  );
}

function tagOf(element) {
  const {lang} = element.closest("[lang]");
  return TAGS[lang.toLowerCase()] ?? lang;
}

function isSame(lang, tag) {
  const [own, asked] = [lang, tag].map((name) => name.toLowerCase().split(/[-_]/)[0].replace(/^(cmn|yue)$/, "zh"));
  return own === asked;
}

function light(block) {
  document.querySelector("[data-heard]")?.removeAttribute("data-heard");
  block?.setAttribute("data-heard", "");
}
