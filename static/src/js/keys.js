// The keyboard: J and K move in the list, R answers, N notes, G then a letter goes somewhere, ? shows all.
// A letter typed into a field is only a letter.

const GO_WITHIN_MS = 1200;
let goUntil = 0;

const inField = (target) => target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function move(step) {
  const items = [...document.querySelectorAll("[data-list] [data-item]")].filter((item) => item.offsetParent);
  if (!items.length) return;
  const at = items.indexOf(document.activeElement.closest("[data-item]"));
  const start = at >= 0 ? at : items.findIndex((item) => item.hasAttribute("aria-current"));
  const next = items[Math.min(items.length - 1, Math.max(0, start + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function write(kind) {
  const field = document.querySelector("[data-reply]");
  if (!field) return false;
  const tab = field.form?.querySelector(`[data-kind][value=${kind}]`);
  if (tab && !tab.checked) tab.click();
  field.focus();
  return true;
}

function showKeys() {
  const dialog = document.querySelector("[data-keys]");
  if (dialog && !dialog.open) dialog.showModal();
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  r: () => write("reply"),
  n: () => write("note"),
  g: () => (goUntil = Date.now() + GO_WITHIN_MS),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && inField(event.target)) return event.target.blur();
  if (inField(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (Date.now() < goUntil) {
    goUntil = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (place) {
      event.preventDefault();
      return place.click();
    }
  }
  if (ACTIONS[key]) {
    event.preventDefault();
    ACTIONS[key]();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) showKeys();
});
