// Writing to a patient: Ctrl+Enter sends, a ready sentence goes in where one writes, who has stopped writing is
// forgotten. Pages work without it.
(() => {
  "use strict";
  if (window.consoleTalk) return;
  window.consoleTalk = true;
  const FORGET = 9_000; // ms, a little longer than a sign of writing counts (`gateways/live`)

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-send]");
    if (!field || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    field.form.requestSubmit();
  });

  document.addEventListener("change", ({ target }) => {
    const field = target.dataset.into && document.getElementById(target.dataset.into);
    if (!field || !target.value) return;
    const before = field.value.slice(0, field.selectionStart), after = field.value.slice(field.selectionEnd);
    const glue = before && !/\s$/.test(before) ? " " : "";
    field.value = before + glue + target.value + after;
    target.value = "";
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Who reads far down in a timeline is not thrown back to its top by news.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const news = detail.requestConfig.triggeringEvent?.type?.startsWith("live-");
    if (news && detail.target.id === "past" && window.scrollY > window.innerHeight) detail.shouldSwap = false;
  });

  let forgetting;
  const forget = () => {
    clearTimeout(forgetting);
    forgetting = setTimeout(() => document.querySelectorAll("[data-writers]").forEach((state) => {
      document.body.dispatchEvent(new CustomEvent(state.dataset.writers));
    }), FORGET);
  };
  document.addEventListener("htmx:afterSettle", forget);
  forget();
})();
