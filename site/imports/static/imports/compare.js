// Offers the columns of the two files once both are chosen. Without it, names are typed.
(() => {
  const form = document.querySelector("[data-compare-headers]");
  if (!form) return;
  const files = [form.elements.a, form.elements.b];

  const offer = (name, labels, proposed) => {
    const list = document.getElementById(`columns-${name}`);
    list.replaceChildren(...labels.map((label) => Object.assign(document.createElement("option"), { value: label })));
    const input = form.elements[`key_${name}`];
    input.setAttribute("list", list.id);
    if (!input.value || !labels.includes(input.value)) input.value = proposed;
  };

  const ask = async () => {
    if (files.some((input) => !input.files.length)) return;
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    files.forEach((input) => data.append(input.name, input.files[0]));
    const answer = await fetch(form.dataset.compareHeaders, { method: "POST", body: data });
    if (!answer.ok) return; // said when the form is sent
    const found = await answer.json();
    offer("a", found.a, found.key_a);
    offer("b", found.b, found.key_b);
  };

  files.forEach((input) => input.addEventListener("change", ask));
})();
