// [data-seen] asks for itself again when something changed, and says whether somebody is looking: what arrives in
// a tab in the background stays unread.

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.hasAttribute?.("data-seen")) event.detail.parameters.seen = document.hidden ? "0" : "1";
});
