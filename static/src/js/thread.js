// [data-bottom] shows the newest: it opens at its end, follows what arrives while the reader is there, and
// keeps the reader's place when an earlier page is put above or when they have scrolled up.

const NEAR_PX = 64;
const held = new WeakMap();

const threads = (root) => [
  ...(root.matches?.("[data-bottom]") ? [root] : []),
  ...(root.querySelectorAll?.("[data-bottom]") ?? []),
];
const fromEnd = (thread) => thread.scrollHeight - thread.scrollTop;
const atEnd = (thread) => fromEnd(thread) - thread.clientHeight < NEAR_PX;

function open(thread) {
  if (held.has(thread)) return;
  const state = { end: true, ids: new Set([...thread.querySelectorAll("li[id]")].map((li) => li.id)) };
  held.set(thread, state);
  thread.scrollTop = thread.scrollHeight;
  thread.addEventListener("scroll", () => (state.end = atEnd(thread)), { passive: true });
  // The composer grows, a font arrives, a drawer opens: whoever was at the end stays there.
  new ResizeObserver(() => state.end && (thread.scrollTop = thread.scrollHeight)).observe(thread);
}

/** Events that were not there before slide in; those of an earlier page do not. */
function markNew(thread, state, earlier) {
  for (const item of thread.querySelectorAll("li[id]")) {
    if (state.ids.has(item.id)) continue;
    state.ids.add(item.id);
    if (!earlier) item.classList.add("is-new");
  }
}

/** Two pages that meet within a day both name it: the upper heading stays. */
function oneHeadingADay(thread) {
  const days = new Set();
  for (const heading of thread.querySelectorAll("li.day[id]")) {
    if (days.has(heading.id)) heading.remove();
    days.add(heading.id);
  }
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const thread = event.detail.target?.closest?.("[data-bottom]");
  const state = thread && held.get(thread);
  if (!state) return;
  state.end = atEnd(thread);
  state.fromEnd = fromEnd(thread);
  state.top = thread.scrollTop;
  state.earlier = event.detail.target.hasAttribute("data-earlier");
  state.swapping = true;
});

document.addEventListener("htmx:afterSwap", () => {
  for (const thread of threads(document)) {
    const state = held.get(thread);
    if (!state) open(thread);
    if (!state?.swapping) continue;
    state.swapping = false;
    oneHeadingADay(thread);
    markNew(thread, state, state.earlier);
    if (state.earlier) thread.scrollTop = thread.scrollHeight - state.fromEnd;
    else thread.scrollTop = state.end ? thread.scrollHeight : state.top;
    state.end = atEnd(thread);
  }
});

threads(document).forEach(open);
