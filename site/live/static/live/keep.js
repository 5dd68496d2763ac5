/* What a reader did to the page stays while its content changes: focus, typed text, ticks, opened details, selection, place. */

const CONTROL = "input, select, textarea";
const READ = "h1, h2, h3, h4, p, li, tr, dt, dd, figure, summary"; // what a reader may have before their eyes
const FOLDED = "details:not([open]) > :not(summary)"; // not shown, though it has a place

/* Run a change of the page and put right what it disturbed. */
export function keeping(change) {
  const restore = [keepSelection(), keepFocus(), keepDetails(), keepControls(), keepPlace()];
  change();
  for (const put of restore.reverse()) put();
}

/* Callbacks for the morph: controls in use are not touched, nor is typed text removed, nor what a script added ([data-added])
or shows and fills ([data-filled]). */
export function guards(fresh) {
  const offered = new Set([...fresh.querySelectorAll(CONTROL)].map(nameOf));
  const isLost = (control) => isText(control) && isUsed(control) && !offered.has(nameOf(control));
  return {
    beforeNodeMorphed(old, now) {
      const isControl = old instanceof Element && old.matches(CONTROL);
      return !(isControl && (isUsed(old) || old === document.activeElement) && nameOf(old) === nameOf(now));
    },
    beforeAttributeUpdated(name, element) {
      if (name === "hidden") return !element.matches("[data-filled]");
      return !(name === "tabindex" && element === document.activeElement);
    },
    beforeNodeRemoved(old) {
      if (old.parentElement?.matches("[data-filled]")) return false;
      if (!(old instanceof Element)) return true;
      if (old.matches("[data-added]")) return false;
      return ![old, ...old.querySelectorAll(CONTROL)].some((inner) => inner.matches(CONTROL) && isLost(inner));
    },
  };
}

/* What tells a control from the others, whatever stands around it. */
function nameOf(control) {
  if (control.id) return `#${control.id}`;
  const value = isTick(control) ? control.value : "";
  return [control.form?.getAttribute("aria-label"), control.localName, control.type, control.name, value].join("|");
}

function isTick(control) {
  return control.type === "checkbox" || control.type === "radio";
}

function isText(control) {
  return !isTick(control) && control.localName !== "select" && control.type !== "hidden";
}

/* Whether it holds something else than it was served with. */
function isUsed(control) {
  if (isTick(control)) return control.checked !== control.defaultChecked;
  if (control.localName !== "select") return control.value !== control.defaultValue;
  const first = control.multiple ? -1 : 0;
  const served = [...control.options].findLastIndex((option) => option.defaultSelected);
  return [...control.options].some((option, n) =>
    control.multiple ? option.selected !== option.defaultSelected : option.selected !== (n === Math.max(served, first)),
  );
}

function keepControls() {
  const states = [...document.querySelectorAll(CONTROL)].filter(isUsed).map((control) => ({
    name: nameOf(control),
    checked: control.checked,
    value: control.value,
    chosen: [...(control.selectedOptions ?? [])].map((option) => option.value),
  }));
  return () => {
    const now = new Map([...document.querySelectorAll(CONTROL)].map((control) => [nameOf(control), control]));
    for (const {name, checked, value, chosen} of states) {
      const control = now.get(name);
      if (!control || control.type === "file") continue;
      if (isTick(control)) control.checked = checked;
      else if (control.localName === "select") for (const option of control.options) option.selected = chosen.includes(option.value);
      else if (control.value !== value) control.value = value;
    }
  };
}

function keepDetails() {
  const nameOfDetails = (details) => details.id || details.querySelector("summary")?.textContent.trim();
  const states = new Map([...document.querySelectorAll("details")].map((details) => [nameOfDetails(details), details.open]));
  return () => {
    for (const details of document.querySelectorAll("details")) {
      details.open = states.get(nameOfDetails(details)) ?? details.open;
    }
  };
}

/* The focus follows what had it, also where that was made anew; where it is gone, the section that held it has the focus. */
function keepFocus() {
  const active = document.activeElement;
  if (!active || active === document.body) return () => {};
  const {selectionStart, selectionEnd, selectionDirection} = active;
  const name = signOf(active);
  const holders = [];
  for (let holder = active.parentElement; holder; holder = holder.parentElement) {
    if (holder.matches("section[id], [data-region]")) holders.push(holder.id ? `#${CSS.escape(holder.id)}` : `[data-region="${holder.dataset.region}"]`);
  }
  return () => {
    if (document.activeElement === active && signOf(active) === name) return;
    const around = holders.map((holder) => document.querySelector(holder)).filter(Boolean);
    const same = document.querySelectorAll(holders.length ? `${holders[0]} ${active.localName}` : active.localName);
    const next = [...same].find((element) => signOf(element) === name);
    if (next) {
      next.focus({preventScroll: true});
      if (selectionStart !== null && selectionStart !== undefined) next.setSelectionRange(selectionStart, selectionEnd, selectionDirection);
    } else if (document.activeElement !== active && around.length) {
      const place = around.find((holder) => holder.matches("section, main, aside")) ?? around[0];
      if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
      place.focus({preventScroll: true});
    }
  };
}

function signOf(element) {
  if (element.matches(CONTROL)) return nameOf(element);
  const words = element.matches("button, summary") ? element.textContent.trim() : "";
  return [element.localName, element.id, element.getAttribute("href"), element.getAttribute("aria-label"), words].join("|");
}

function keepSelection() {
  const {anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed} = getSelection();
  if (isCollapsed) return () => {};
  const within = (node, offset) => Math.min(offset, node.nodeType === Node.TEXT_NODE ? node.length : node.childNodes.length);
  return () => {
    const now = getSelection();
    const isSame = now.anchorNode === anchorNode && now.anchorOffset === anchorOffset && now.focusNode === focusNode && now.focusOffset === focusOffset;
    if (isSame || !anchorNode.isConnected || !focusNode.isConnected) return;
    now.setBaseAndExtent(anchorNode, within(anchorNode, anchorOffset), focusNode, within(focusNode, focusOffset));
  };
}

/* What is at the top of the window stays there, whatever grows above it. Browsers that anchor the scroll position themselves
lose hold when the very element is replaced, and some do not do it: it is done here, and not twice. */
function keepPlace() {
  if (scrollY <= 0) return () => {};
  const page = document.documentElement;
  const seen = [...document.querySelectorAll(`[data-region] :is(${READ})`)]
    .filter((element) => !element.closest(FOLDED))
    .map((element) => ({element, ...element.getBoundingClientRect().toJSON()}))
    .filter(({top, width}) => top >= 0 && top < innerHeight && width)
    .slice(0, 20)
    .map(({element, top}) => ({element, top, words: wordsOf(element)}));
  page.style.overflowAnchor = "none";
  return () => {
    for (const {element, words, top} of seen) {
      const isSame = (found) => found.isConnected && wordsOf(found) === words;
      const now = isSame(element) ? element : [...document.querySelectorAll(`[data-region] ${element.localName}`)].find(isSame);
      if (now) {
        scrollBy({top: now.getBoundingClientRect().top - top, behavior: "instant"});
        break;
      }
    }
    requestAnimationFrame(() => page.style.removeProperty("overflow-anchor"));
  };
}

function wordsOf(element) {
  return element.textContent.replace(/\s+/g, " ");
}
