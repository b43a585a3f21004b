// [data-chooses]: a form of people with a checkbox each. Shift takes all between, the head takes the page and then
// offers all that were found; the bar below says how many. Without this file checkboxes and bar work as a form.

// A form of more fields than this is refused by the server: so many go as one.
const MOST_FIELDS = 400;
let last = null;

const boxes = (form) => [...form.querySelectorAll("input[name=ids]")];
const chosen = (form) => boxes(form).filter((box) => box.checked);
const everybody = (form) => form.querySelector("[data-everybody-chosen]");
const head = (form) => form.querySelector("[data-choose-page]");

function show(form) {
  const count = chosen(form).length;
  const all = !everybody(form).disabled;
  const said = form.querySelector("[data-chosen]");
  if (all) said.textContent = form.dataset.everybody.replace("%n", form.dataset.total);
  else said.textContent = count === 1 ? form.dataset.one : form.dataset.many.replace("%n", count);
  head(form).checked = count > 0 && count === boxes(form).length;
  head(form).indeterminate = count > 0 && !head(form).checked;
  if (!head(form).checked || all) form.querySelector("[data-choose-found]").hidden = true;
}

/** Only those with a mark, from now on. */
function some(form) {
  everybody(form).disabled = true;
  show(form);
}

async function offerAll(form) {
  const button = form.querySelector("[data-choose-found]");
  if (!("more" in form.dataset)) return;
  try {
    const answer = await fetch(form.dataset.count, { headers: { Accept: "text/plain" } });
    if (!answer.ok) return;
    form.dataset.total = await answer.text();
  } catch {
    return; // without a count nothing is offered
  }
  button.textContent = form.dataset.found.replace("%n", form.dataset.total);
  button.hidden = !head(form).checked;
}

function choosePage(form, on) {
  for (const box of boxes(form)) box.checked = on;
  some(form);
  if (on) offerAll(form);
}

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-chooses]");
  if (!form) return;
  if (event.target.matches("input[name=ids]")) {
    const all = boxes(form);
    const at = all.indexOf(event.target);
    const from = event.shiftKey && last ? all.indexOf(last) : at;
    if (from >= 0) for (const box of all.slice(Math.min(from, at), Math.max(from, at) + 1)) box.checked = event.target.checked;
    last = event.target;
    some(form);
  } else if (event.target.closest("[data-choose-page]")) {
    choosePage(form, event.target.checked);
  } else if (event.target.closest("[data-choose-none]")) {
    choosePage(form, false);
    head(form).focus();
  } else if (event.target.closest("[data-choose-found]")) {
    everybody(form).disabled = false;
    show(form);
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-chooses]");
  if (!form) return;
  // A second press while the first one is on its way.
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
  const picked = chosen(form);
  const all = !everybody(form).disabled;
  if (!all && picked.length <= MOST_FIELDS) return;
  for (const box of picked) box.disabled = true;
  if (all) return;
  const several = Object.assign(document.createElement("input"), { type: "hidden", name: "ids" });
  several.value = picked.map((box) => box.value).join(",");
  several.dataset.several = "";
  form.append(several);
});

// Back on this page: it can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-chooses]")) {
    form.ariaBusy = null;
    form.querySelector("[data-several]")?.remove();
    for (const box of boxes(form)) box.disabled = false;
    show(form);
  }
});

document.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll("[data-chooses]")) {
    // Rows that came meanwhile belong to all that were found, and to no page that was chosen before.
    if (!everybody(form).disabled) for (const box of boxes(form)) box.checked = true;
    show(form);
  }
});
