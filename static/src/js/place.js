// [data-keeps-place="name"] scrolls back to where it stood when another conversation was opened from it.

const PLACE = "ligne:place:";
const lists = () => document.querySelectorAll("[data-keeps-place]");

function stored(list, value) {
  try {
    const key = PLACE + list.dataset.keepsPlace;
    if (value === undefined) return Number(sessionStorage.getItem(key)) || 0;
    sessionStorage.setItem(key, value);
  } catch {
    // Without storage a list begins at its top.
  }
  return 0;
}

for (const list of lists()) {
  const open = list.querySelector("[aria-current]");
  // The beginning of the list is a place too: whoever comes to it without a conversation starts there.
  if (!open) continue;
  list.scrollTop = stored(list);
  open.scrollIntoView({ block: "nearest" });
}

window.addEventListener("pagehide", () => lists().forEach((list) => stored(list, list.scrollTop)));
