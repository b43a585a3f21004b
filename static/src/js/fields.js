// [data-fields]: a text with merge fields. [data-insert] puts a field where the cursor is; the counter counts with
// the examples of the fields, as far as that can be told while one types.
import { showCount } from "./counter.js";

const area = (root) => root.querySelector("textarea");

/** The text as it may arrive: examples in its fields, without its conditions. */
function withExamples(root) {
  const examples = new Map(
    [...root.querySelectorAll("[data-insert]")].map(({ dataset }) => [dataset.insert.replace(/[{}\s]/g, ""), dataset.example]),
  );
  return area(root)
    .value.replace(/\{\{-?\s*([^}|\s]+)[^}]*\}\}/g, (_whole, name) => examples.get(name) ?? "")
    .replace(/\{%.*?%\}/gs, "");
}

function say(root) {
  const shown = root.querySelector("[data-count]");
  const url = root.closest("form")?.querySelector("[name=url]")?.value ?? "";
  if (shown && area(root)) showCount(shown, root.dataset, withExamples(root), url);
}

const sayAll = () => document.querySelectorAll("[data-fields]").forEach(say);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const text = button?.closest("[data-fields]") && area(button.closest("[data-fields]"));
  if (!text) return;
  text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("input", (event) => event.target.closest?.("form")?.querySelectorAll("[data-fields]").forEach(say));
document.addEventListener("htmx:afterSettle", sayAll);
sayAll();
