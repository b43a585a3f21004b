// [data-empties="#id"]: a form that was fetched into a page goes away again when it is cancelled; an empty place of
// the same id stays, so that it can be fetched once more. On a page of its own the link is followed.

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-empties]");
  const form = link && document.querySelector(link.dataset.empties);
  if (!form?.closest(".blk")) return;
  event.preventDefault();
  const place = document.createElement("div");
  place.id = form.id;
  form.replaceWith(place);
});
