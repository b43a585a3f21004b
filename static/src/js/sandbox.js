// The sandbox's page: the newest text in sight, forms that empty and menus that close once they were used
// (menu.js closes them otherwise).
const NEAR_PX = 60;
let stick = true;
let at = 0;

const screen = () => document.querySelector("[data-screen]");

function showNewest() {
  const body = screen();
  if (body) body.scrollTop = body.scrollHeight;
}

document.addEventListener("htmx:beforeSwap", () => {
  const body = screen();
  // Who reads further up is left there.
  stick = !body || body.scrollHeight - body.scrollTop - body.clientHeight < NEAR_PX;
  at = body ? body.scrollTop : 0;
});

document.addEventListener("htmx:afterSwap", () => {
  const body = screen();
  if (stick) showNewest();
  else if (body) body.scrollTop = at;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !event.detail.successful) return;
  if (form.matches("[data-empties]")) form.reset();
  // What one did oneself is seen.
  if (form.closest(".sbx")) showNewest();
  const menu = form.closest("details[data-menu]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  event.target.closest("form[data-pick]")?.submit();
});

showNewest();
