// The form of the district's look: a colour picker beside each colour, and the preview follows what is chosen.
const panel = document.querySelector("[data-look]");
const frame = panel.querySelector("iframe");
const modes = [...panel.querySelectorAll("[data-look-colours]")];
const form = panel.closest("form");
const COLOUR = /^#[0-9a-f]{6}$/;
let colours = "light";
let waiting = 0;

const field = (name) => form.querySelector(`[name="${name}"]`);

function address() {
  const asked = new URLSearchParams({ colours, has_logo_plate: field("has_logo_plate").checked ? "1" : "0" });
  for (const name of ["brand", "accent", "logo", "header_picture"]) asked.set(name, field(name).value);
  return `${panel.dataset.address}?${asked}`;
}

function show() {
  const wanted = address();
  if (frame.getAttribute("src") !== wanted) frame.setAttribute("src", wanted);
}

function showSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, 300);
}

for (const written of form.querySelectorAll("[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.setAttribute("aria-label", `${written.labels[0].textContent.trim()}：${panel.dataset.pick}`);
  const follow = () => {
    const colour = written.value.trim().toLowerCase();
    picker.value = COLOUR.test(colour) ? colour : "#ffffff";
  };
  follow();
  const row = document.createElement("div");
  row.className = "look-colour";
  written.replaceWith(row);
  row.append(written, picker);
  const refused = written.closest("[data-field]")?.querySelector(".error-message")?.textContent;
  const offered = refused?.match(/#[0-9a-f]{6}(?!.*#)/s);
  if (offered) {
    const use = document.createElement("button");
    use.type = "button";
    use.className = "button button-small";
    use.textContent = `${panel.dataset.use} ${offered[0]}`;
    use.addEventListener("click", () => {
      picker.value = offered[0];
      picker.dispatchEvent(new Event("input"));
      written.focus();
    });
    row.append(use);
  }
  written.addEventListener("input", () => { follow(); showSoon(); });
  picker.addEventListener("input", () => {
    written.value = picker.value;
    written.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const mode of modes) {
  mode.addEventListener("click", () => {
    colours = mode.dataset.lookColours;
    for (const each of modes) {
      each.setAttribute("aria-pressed", String(each === mode));
      each.classList.toggle("button-secondary", each !== mode);
    }
    show();
  });
}
panel.querySelector(".look__modes").hidden = false;

// Choosers of pictures change their hidden field without an event.
form.addEventListener("change", showSoon);
new MutationObserver(showSoon).observe(form, { subtree: true, attributes: true, attributeFilter: ["value"] });
