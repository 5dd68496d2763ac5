// Template and export are those of the place that is chosen for their kind.
for (const links of document.querySelectorAll("[data-import-downloads]")) {
  const place = links.parentElement.querySelector("select, input[type=text]");
  const point = () => {
    for (const link of links.querySelectorAll("a")) {
      const address = new URL(link.href);
      address.searchParams.set("place", place.value);
      link.href = address.href;
    }
  };
  place.addEventListener("change", point);
  point();
}
