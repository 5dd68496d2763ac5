// The box in the table's head ticks every row of the page.
for (const all of document.querySelectorAll("[data-tick-all]")) {
  all.addEventListener("change", () => {
    for (const box of all.closest("table").querySelectorAll("[data-tick]")) box.checked = all.checked;
  });
}
