// A list of chosen pages in a form: each can be taken off; a dialog with search adds more.
function connectPagesChooser(box) {
  const list = box.querySelector("[data-pages]");
  const addButton = box.querySelector("[data-pages-add]");
  const changed = () => box.dispatchEvent(new Event("change", { bubbles: true }));

  function add(page) {
    if ([...list.querySelectorAll("input")].some((input) => input.value === page.id)) return;
    const item = box.querySelector("template").content.cloneNode(true);
    item.querySelector("input").value = page.id;
    item.querySelector("[data-page-title]").textContent = page.title;
    item.querySelector("[data-page-where]").textContent = page.where;
    const remove = item.querySelector("[data-page-remove]");
    remove.setAttribute("aria-label", remove.getAttribute("aria-label") + page.title);
    list.append(item);
  }

  addButton.addEventListener("click", () => {
    window.ModalWorkflow({
      url: box.dataset.url,
      onload: new window.ChooserModalOnloadHandlerFactory().getOnLoadHandlers(),
      responses: {
        chosen(pages) {
          pages.forEach(add);
          changed();
        },
      },
    });
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("[data-page-remove]")) return;
    event.target.closest("[data-page]").remove();
    changed();
    addButton.focus();
  });
}

// Scripts of the admin stand before what they work on.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-pages-chooser]").forEach((box) => connectPagesChooser(box));
});
