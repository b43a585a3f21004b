// form[data-busy]: sent once, however often its button is pressed, and the button says that it works.
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-busy]");
  if (!form) return;
  if (form.dataset.busy) return event.preventDefault();
  form.dataset.busy = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Back to the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-busy]")) form.dataset.busy = "";
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});
