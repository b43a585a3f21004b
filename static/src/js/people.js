// The contact list: an address without what says nothing, and the way back to the row one came from.

const PLACE = "ligne:rows";
const list = () => document.querySelector("[data-keeps-rows]");

// [data-sieve]: its empty fields stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches?.("[data-sieve]")) return;
  const { parameters } = event.detail;
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
});

// How many rows have come stands in the address: a reload, and the way back, begin with as many.
document.addEventListener("htmx:afterSettle", () => {
  const rows = list()?.querySelectorAll("tbody [data-item]").length ?? 0;
  const address = new URL(location.href);
  if (rows <= 50 || address.searchParams.has("after")) return;
  address.searchParams.set("rows", rows);
  history.replaceState(history.state, "", address);
});

window.addEventListener("pagehide", () => {
  if (!list()) return;
  try {
    sessionStorage.setItem(PLACE, JSON.stringify([location.href, list().scrollTop]));
  } catch {
    // Without storage the list begins at its top.
  }
});

function goBack() {
  const [entry] = performance.getEntriesByType("navigation");
  if (!list() || !["back_forward", "reload"].includes(entry?.type)) return;
  try {
    const [address, top] = JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");
    if (address === location.href) list().scrollTop = top;
  } catch {
    // What is stored is none of ours.
  }
}

goBack();
