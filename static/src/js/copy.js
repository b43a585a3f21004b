// [data-copy="value"]: copies the value and says so on the button for two seconds.
import { say } from "./says.js";

async function copy(value) {
  if (navigator.clipboard) return navigator.clipboard.writeText(value);
  // Over plain http the clipboard is closed to scripts, all but this way.
  const field = document.createElement("textarea");
  field.value = value;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser refused to copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const word = button.querySelector("[data-copy-word]") ?? button;
  button.dataset.copyBefore ??= word.textContent;
  try {
    await copy(button.dataset.copy);
  } catch {
    return say(button.dataset.copy);
  }
  word.textContent = button.dataset.copied;
  clearTimeout(Number(button.dataset.copyTimer));
  button.dataset.copyTimer = setTimeout(() => (word.textContent = button.dataset.copyBefore), 2000);
});
