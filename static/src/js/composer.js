// [data-composer]: counts segments while one types, sends on Ctrl or Cmd + Enter, keeps a draft for as long as the
// tab lives, and empties itself only when the server has taken the message.
import { showCount } from "./counter.js";

const DRAFT = "ligne:draft:";
const composers = () => document.querySelectorAll("[data-composer]");
const field = (form) => form.querySelector("[data-draft][name=text]");
const kind = (form) => new FormData(form).get("kind") ?? "reply";

function drafts(form) {
  return form.querySelectorAll("[data-draft]");
}

function draftKey(form, input) {
  return `${DRAFT}${form.dataset.composer}:${input.name}`;
}

function keep(form) {
  if (!form.dataset.composer) return;
  for (const input of drafts(form)) {
    try {
      if (input.value) sessionStorage.setItem(draftKey(form, input), input.value);
      else sessionStorage.removeItem(draftKey(form, input));
    } catch {
      // A browser without storage keeps no draft; everything else still works.
    }
  }
}

function restore(form) {
  if (!form.dataset.composer) return;
  for (const input of drafts(form)) {
    try {
      input.value ||= sessionStorage.getItem(draftKey(form, input)) ?? "";
    } catch {
      return;
    }
    if (input.value && input.closest("[data-panel]")) openPanel(form, input.closest("[data-panel]").dataset.panel, true);
  }
}

/** For browsers that cannot size a field to what it holds by themselves. */
function grow(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.rows = Math.min(12, Math.max(2, area.value.split("\n").length));
}

export function openPanel(form, name, open) {
  const panel = form.querySelector(`[data-panel="${name}"]`);
  const button = form.querySelector(`[data-opens="${name}"]`);
  if (!panel || !button) return;
  panel.toggleAttribute("data-closed", !open);
  button.setAttribute("aria-expanded", String(open));
  if (!open) for (const input of panel.querySelectorAll("input")) input.value = "";
  showWhen(form);
}

function showWhen(form) {
  const word = form.querySelector("[data-send]");
  const later = form.querySelector("[name=send_at]")?.value;
  if (word) word.textContent = later ? word.dataset.later : word.dataset.now;
}

/** A new key for a new message: the same one is sent again only when the same message is. */
function newKey(form) {
  const input = form.querySelector("[name=key]");
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (input) input.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function said(form, words) {
  form.querySelector("[data-said]").textContent = words;
}

/** The field asks for what its tab is for. */
function ask(form) {
  const area = field(form);
  area.dataset.placeholderReply ??= area.placeholder;
  area.placeholder = kind(form) === "note" ? area.dataset.placeholderNote : area.dataset.placeholderReply;
}

function changed(form) {
  keep(form);
  ask(form);
  const shown = form.querySelector("[data-count]");
  if (shown) showCount(shown, form.dataset, field(form).value, form.querySelector("[name=url]")?.value ?? "");
  showWhen(form);
  grow(field(form));
}

/** The composer that took the place of one while its message was on its way, with the same words in it. */
function successor(gone) {
  const form = [...composers()].find((each) => each.dataset.composer === gone.dataset.composer);
  if (!form || field(form).value !== field(gone).value) return null;
  // Sent once more it is the same message.
  if (form.elements.key) form.elements.key.value = gone.elements.key.value;
  return form;
}

/** Heard on the form itself: one that was replaced while its message was on its way is in no document. */
function answered({ currentTarget: asked, detail }) {
  if (detail.elt !== asked) return;
  const form = asked.isConnected ? asked : successor(asked);
  if (!form) return;
  form.removeAttribute("aria-busy");
  // 0 when no answer came. htmx calls a 422 successful: it is swapped, as the sentence that says what is wrong.
  const status = detail.xhr?.status ?? 0;
  if (status >= 200 && status < 400) return sent(form);
  form.dataset.tried = "true";
  if (status !== 422) said(form, form.dataset.failed);
}

function bind(form) {
  if (form.dataset.bound) return;
  form.dataset.bound = "true";
  form.addEventListener("htmx:afterRequest", answered);
  restore(form);
  if (!form.elements.key?.value) newKey(form);
  changed(form);
}

function sent(form) {
  delete form.dataset.tried;
  for (const input of drafts(form)) input.value = "";
  const reply = form.querySelector("[data-kind][value=reply]");
  if (reply) reply.checked = true;
  for (const panel of form.querySelectorAll("[data-panel]")) openPanel(form, panel.dataset.panel, false);
  said(form, "");
  newKey(form);
  changed(form);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-composer]");
  if (!form) return;
  // What is typed now is another message than the one that was refused or never arrived.
  if (form.dataset.tried) {
    delete form.dataset.tried;
    newKey(form);
    said(form, "");
  }
  changed(form);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens]");
  const form = button?.closest("[data-composer]");
  if (!form) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  openPanel(form, button.dataset.opens, open);
  if (open) form.querySelector(`[data-panel="${button.dataset.opens}"] input`)?.focus();
  keep(form);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-composer]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.querySelector("button[type=submit]:not([hidden])")?.offsetParent && form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-composer]");
  // Without Send there is nothing to send; a note may still be added.
  if (form && !form.querySelector("[data-send]") && kind(form) === "reply") event.preventDefault();
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches?.("[data-composer]")) event.target.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterSettle", () => composers().forEach(bind));
composers().forEach(bind);
