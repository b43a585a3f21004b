// One quiet sentence in the status region: what went wrong with a request, and [data-dismiss] to put it away.

const region = document.querySelector("[data-says]");
const shape = document.querySelector("[data-say-template]");

/** @param {string} words shown, and read out, until dismissed or replaced */
export function say(words) {
  if (!region || !shape) return;
  const said = shape.content.cloneNode(true);
  said.querySelector("[data-words]").textContent = words;
  region.replaceChildren(said);
}

function sentence(name) {
  return document.querySelector(`[data-say-${name}]`)?.innerHTML ?? "";
}

// A composer speaks for itself, beside what was typed.
const speaksForItself = (event) => event.target.closest?.("[data-composer]");

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  // The session ended: the page itself knows the way to sign in.
  if (status === 401) return location.reload();
  if (!speaksForItself(event)) say(sentence(status >= 500 || status === 429 ? "failed" : "refused"));
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    // What fetches by itself (no verb but GET) comes again with the stream; live.js says that it is gone.
    if (event.detail.requestConfig?.verb === "get" || speaksForItself(event)) return;
    say(sentence("offline"));
  });
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".say")?.remove();
});
