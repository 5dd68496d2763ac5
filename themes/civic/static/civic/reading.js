/* Lets a choice of the reading bar take hold on the page as it stands. The server keeps it, as it does without this script. */

import "./listen.js";

const form = document.querySelector("form[data-reading]");

form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.name) return;
  event.preventDefault();
  const address = `${form.action}?${new URLSearchParams(new FormData(form, button))}`;
  try {
    await fetch(address, {redirect: "manual"});
    choose(button);
  } catch {
    location.assign(address);
  }
});

/* A page that comes back out of the browser's memory may have been left before the last choice. */
addEventListener("pageshow", ({persisted}) => {
  if (!persisted || !form) return;
  const words = document.cookie.match(/(?:^|; )reading=([^;]*)/)?.[1].split(".") ?? [];
  for (const group of form.querySelectorAll("fieldset")) {
    const buttons = [...group.querySelectorAll("button")];
    choose(buttons.find(({value}) => words.includes(value)) ?? buttons[0]);
  }
});

function choose(chosen) {
  const buttons = chosen.closest("fieldset").querySelectorAll("button");
  for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
  const {dataset} = document.documentElement;
  if (chosen === buttons[0]) delete dataset[chosen.name];
  else dataset[chosen.name] = chosen.value;
}
