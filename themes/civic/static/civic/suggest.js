/* Suggests names while a word is typed into a search box (an ARIA combobox with a listbox). Choosing one opens it at once.

A box is any input with data-suggest, the address that is asked. Without this script, or while nothing answers, it is a plain
search box. */

const WAIT = 150; // ms without a key before it asks
const words = document.getElementById("suggest-words")?.content;
let boxes = 0;

class Box {
  found = [];
  active = -1;
  asked = 0; // of all questions, the newest; answers to others come too late
  answered = ""; // the text that the list is about

  constructor(input) {
    this.input = input;
    this.list = copy(".suggestions");
    this.list.id = `suggestions-${++boxes}`;
    this.status = copy("[role=status]");
    const listen = (target, handlers) => {
      for (const [name, handler] of Object.entries(handlers)) target.addEventListener(name, handler);
    };
    listen(input, {
      input: (event) => event.isComposing || this.askSoon(),
      compositionstart: () => this.hush(),
      compositionend: () => this.askSoon(),
      keydown: (event) => this.press(event),
      focus: () => this.dress(),
      blur: () => this.hush(),
    });
    listen(this.list, {
      mousedown: (event) => event.preventDefault(), // the focus stays where one types
      click: (event) => this.open(event.target.closest("[role=option]")),
    });
    this.dress();
  }

  /* What the box says of itself; put back where the page was made anew around it. */
  dress() {
    const {input, list, status} = this;
    if (!list.isConnected || list.parentNode !== input.form) input.form.append(list, status);
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const text = this.input.value.trim();
    const number = ++this.asked;
    this.request?.abort();
    if (!text) return this.close();
    this.request = new AbortController();
    try {
      const query = new URLSearchParams({q: text});
      const answer = await fetch(`${this.input.dataset.suggest}?${query}`, {signal: this.request.signal});
      if (!answer.ok) throw new Error(answer.status);
      const {suggestions} = await answer.json();
      if (number === this.asked && document.activeElement === this.input) this.show(suggestions);
    } catch {
      if (number === this.asked) this.close();
    }
  }

  show(suggestions) {
    this.found = suggestions.map((suggestion, n) => this.option(suggestion, n));
    this.list.replaceChildren(...this.found);
    this.list.scrollTop = 0;
    this.expand(this.found.length > 0);
    const count = words.querySelector("[data-suggest-count]").textContent;
    this.status.textContent = this.found.length ? count.replace("{number}", this.found.length) : "";
  }

  option({title, name, kind_label: kind, url}, n) {
    const option = copy("[role=option]");
    const other = option.querySelector(".suggestions__name");
    option.id = `${this.list.id}-${n}`;
    option.dataset.url = url;
    const named = option.querySelector(".suggestions__title");
    named.textContent = title;
    if (document.documentElement.lang === "en") named.lang = "zh-Hans";
    option.querySelector(".suggestions__kind").textContent = kind;
    if (name) other.textContent = other.textContent.replace("{name}", () => name);
    else other.remove();
    return option;
  }

  expand(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.activate(-1);
  }

  close() {
    this.status.textContent = "";
    this.expand(false);
  }

  /* Ask no more and show nothing. */
  hush() {
    clearTimeout(this.timer);
    this.asked++;
    this.request?.abort();
    this.close();
  }

  activate(n) {
    this.found[this.active]?.setAttribute("aria-selected", "false");
    this.active = n;
    const option = this.found[n];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({block: "nearest"});
      this.input.setAttribute("aria-activedescendant", option.id);
    } else this.input.removeAttribute("aria-activedescendant");
  }

  press(event) {
    // 229 is a key that an input method takes, also where the browser says so a moment too early.
    if (event.isComposing || event.keyCode === 229) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const last = this.found.length - 1;
    const isOpen = !this.list.hidden;
    const steps = {
      ArrowDown: () => (this.active < last ? this.active + 1 : -1),
      ArrowUp: () => (this.active < 0 ? last : this.active - 1),
      Home: () => (this.active < 0 ? null : 0),
      End: () => (this.active < 0 ? null : last),
    };
    if (isOpen && event.key in steps) {
      const next = steps[event.key]();
      if (next === null) return;
      event.preventDefault();
      this.activate(next);
    } else if (event.key === "ArrowDown" && this.input.value.trim()) {
      event.preventDefault();
      this.ask();
    } else if (event.key === "Enter" && isOpen && this.active >= 0) {
      event.preventDefault();
      this.open(this.found[this.active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault(); // which would empty the box
      this.hush();
    } else if (event.key === "Tab" || event.key === "Enter") {
      this.hush();
    }
  }

  open(option) {
    if (!option) return;
    this.hush();
    location.assign(option.dataset.url);
  }
}

function copy(selector) {
  return words.querySelector(selector).cloneNode(true);
}

if (words) for (const input of document.querySelectorAll("input[data-suggest]")) new Box(input);
