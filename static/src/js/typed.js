// [data-typed-in]: a part of a form that is replaced by what a choice in it asks for. What is typed there while the
// answer is on its way is no part of the answer: the same is asked again, and nothing that was typed is lost.

let typed = 0;

// What asks consumes its own event: only what is typed for its own sake comes as far as here.
document.addEventListener("input", ({ target }) => target.closest?.("[data-typed-in]") && (typed += 1));
document.addEventListener("htmx:beforeRequest", ({ detail }) => (detail.xhr.typed = typed));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, requestConfig } = event.detail;
  if (!target.matches("[data-typed-in]") || xhr.typed === typed) return;
  event.preventDefault();
  const { elt, triggeringEvent } = requestConfig;
  // When htmx is done with this answer.
  setTimeout(() => elt.dispatchEvent(new Event(triggeringEvent.type, { bubbles: true })));
});
