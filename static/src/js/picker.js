// [data-picker]: several of a list, in a menu of checkboxes. [data-picked] says which; [data-narrow] finds one.

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

function narrow(field) {
  const wanted = folded(field.value);
  for (const option of field.closest("[data-picker]").querySelectorAll(".opt")) {
    option.hidden = !folded(option.textContent).includes(wanted);
  }
}

function say(picker) {
  const words = picker.querySelector("[data-picked]");
  const names = [...picker.querySelectorAll("input:checked")].map((box) => box.parentElement.textContent.trim());
  words.textContent = names.join(", ") || words.dataset.nothing;
}

// In the capture phase: what is typed to find an option changes nothing, and nobody is asked because of it.
document.addEventListener(
  "input",
  (event) => {
    const picker = event.target.closest?.("[data-picker]");
    if (!picker) return;
    if (!event.target.matches("[data-narrow]")) return say(picker);
    event.stopPropagation();
    narrow(event.target);
  },
  true,
);

// Enter in it must not press a button of the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("[data-narrow]")) event.preventDefault();
});

document.addEventListener("toggle", ({ target }) => target.matches?.("[data-picker][open]") && target.querySelector("[data-narrow]")?.focus(), true);
