// body[data-live-url]: the stream of a team's changes. It carries no content: each event says "look again", and
// what shows something refetches it on `ligne:changed from:body`. The first event of each connection stands for
// what happened while nobody listened. Comes back by itself after a lost connection, and says so only when that
// takes longer than a moment.

// Changes that come together are looked at together; under a steady stream, this often.
const GATHER_MS = 80;
const LOST_AFTER_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
// A browser opens six connections to a host: a tab nobody looks at gives its own back after a while.
const HIDDEN_FOR_MS = 60_000;

const url = document.body.dataset.liveUrl;
const lost = document.querySelector("[data-live-lost]");

let source = null;
let told = 0;
let retry = FIRST_RETRY_MS;
let gathering = 0;
let lostTimer = 0;
let retryTimer = 0;
let hiddenTimer = 0;

function changed() {
  gathering ||= setTimeout(() => {
    gathering = 0;
    document.body.dispatchEvent(new CustomEvent("ligne:changed"));
  }, GATHER_MS);
}

function close() {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
}

// What replaces itself (hx-swap="outerHTML") can't be asked again while it is away: htmx drops what waited for it.
// A change that came meanwhile is told again to what took its place.
// In the capture phase: counted before anything asks because of it.
document.addEventListener("ligne:changed", () => (told += 1), true);
document.addEventListener("htmx:beforeRequest", (event) => (event.detail.xhr.told = told));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, triggeringEvent } = detail.requestConfig;
  if (triggeringEvent?.type === "ligne:changed" && !elt.isConnected && detail.xhr.told !== told) changed();
});

// What holds an open menu isn't replaced under somebody's hand: it asks again when the menu closes. htmx lets an
// element ask but once in a while, so a moment later.
function spareMenus(event) {
  const { elt, triggeringEvent } = event.detail.requestConfig;
  const menu = triggeringEvent?.type === "ligne:changed" && elt.querySelector("details[data-menu][open]");
  if (!menu) return;
  event.preventDefault();
  menu.addEventListener("toggle", () => setTimeout(changed, 1000), { once: true });
}

document.addEventListener("htmx:beforeRequest", spareMenus);
document.addEventListener("htmx:beforeSwap", spareMenus);
// What is sent from a menu closes it.
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.requestConfig.verb !== "get") detail.elt.closest("details[data-menu]")?.removeAttribute("open");
});

function opened() {
  retry = FIRST_RETRY_MS;
  clearTimeout(lostTimer);
  lostTimer = 0;
  if (lost) lost.hidden = true;
}

function failed() {
  close();
  lostTimer ||= setTimeout(() => lost && (lost.hidden = false), LOST_AFTER_MS);
  retryTimer = setTimeout(connect, retry * (0.75 + Math.random() / 2));
  retry = Math.min(LAST_RETRY_MS, retry * 2);
}

function connect() {
  close();
  source = new EventSource(url);
  source.addEventListener("open", opened);
  source.addEventListener("message", changed);
  source.addEventListener("changed", changed);
  source.addEventListener("error", failed);
}

function looked() {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(close, HIDDEN_FOR_MS);
  } else if (source) {
    changed();
  } else {
    connect();
  }
}

if (url) {
  connect();
  document.addEventListener("visibilitychange", looked);
  window.addEventListener("online", () => source?.readyState === EventSource.OPEN || connect());
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && looked());
}
