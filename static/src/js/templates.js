// [data-templates]: the templates of a team, in a menu at the text they go into. / in an empty message opens it, what is
// typed finds one (picker.js), arrows and Enter choose, and the first gap is there to be filled in.
import { openPanel } from "./composer.js";

const GAP = /‹[^‹›\n]+›/;
const textOf = (form) => form.querySelector("textarea[name=text]");
const choices = (menu) => [...menu.querySelectorAll("[data-use]")].filter((choice) => !choice.hidden);

function use(choice) {
  const form = choice.closest("form");
  const { text, url } = choice.dataset;
  const area = textOf(form);
  choice.closest("[data-templates]").open = false;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  const link = form.querySelector("[name=url]");
  if (url && link) {
    openPanel(form, "link", true);
    link.value = url;
  }
  area.focus();
  const gap = GAP.exec(area.value);
  if (gap) area.setSelectionRange(gap.index, gap.index + gap[0].length);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Arrows go through those that are shown, from the field above them and back to it. */
function step(menu, by) {
  const stops = [menu.querySelector("[data-narrow]"), ...choices(menu)].filter(Boolean);
  const at = stops.indexOf(document.activeElement);
  stops[Math.min(stops.length - 1, Math.max(0, at + by))]?.focus();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-use]");
  if (choice) use(choice);
});

const begin = (menu) => (menu.querySelector("[data-narrow]") ?? choices(menu)[0] ?? menu.querySelector("a"))?.focus();

// Asked for once: a list that came anew under somebody's hand would lose what they typed and where they are.
document.addEventListener(
  "toggle",
  ({ target: menu }) => {
    if (!menu.matches?.("[data-templates][open]")) return;
    if (!menu.querySelector("[data-use]")) return window.htmx.trigger(menu.querySelector(".pop"), "choose");
    const find = menu.querySelector("[data-narrow]");
    if (find?.value) {
      find.value = "";
      find.dispatchEvent(new Event("input", { bubbles: true }));
    }
    begin(menu);
  },
  true,
);

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const menu = detail.target?.closest?.("[data-templates][open]");
  if (menu) begin(menu);
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (key === "/" && target.matches?.("textarea[name=text]") && !target.value) {
    const menu = target.form?.querySelector("[data-templates]");
    if (!menu?.offsetParent || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    menu.open = true;
    return;
  }
  const menu = target.closest?.("[data-templates]");
  if (!menu) return;
  if (key === "ArrowDown" || key === "ArrowUp") {
    event.preventDefault();
    step(menu, key === "ArrowDown" ? 1 : -1);
  } else if (key === "Enter" && target.matches("[data-narrow]")) {
    const [first] = choices(menu);
    if (first) use(first);
  } else if (key === "Escape") textOf(menu.closest("form")).focus();
});
