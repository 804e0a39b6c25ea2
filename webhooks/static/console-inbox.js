// The inbox: how many are picked, x picks the row, and what is new is said to who can't see it. It works without.
(() => {
  "use strict";
  const list = () => document.getElementById("inbox");
  const keys = () => new Set([...(list()?.querySelectorAll("[data-new]") ?? [])].map((row) => row.dataset.new));
  let known = new Set();

  function count() {
    const picked = list()?.querySelectorAll(".pick:checked").length ?? 0;
    const label = document.getElementById("picked");
    if (label) label.textContent = picked === 1 ? "Close the one that is picked" : `Close the ${picked} that are picked`;
  }
  function news() {
    const now = keys(), fresh = [...now].filter((key) => !known.has(key)).length;
    known = now;
    if (fresh) document.getElementById("announcer").textContent = fresh === 1 ? "One is new in the inbox." : `${fresh} are new in the inbox.`;
  }
  // What a worker is about to keep: look again in a moment, in case its word came while this page was on its way.
  let looks;
  function soon() {
    clearTimeout(looks);
    if (document.querySelector("[data-saving]")) looks = setTimeout(() => document.body.dispatchEvent(new CustomEvent("live-saving")), 600);
  }
  // When the news redraw something, menus that are open stay open, and what is picked stays picked if it is as it was.
  const byItself = ({ requestConfig }) => requestConfig?.triggeringEvent?.type?.startsWith("live-");
  let open = [], picked = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    open = [...detail.target.querySelectorAll("details[id][open]")].map(({ id }) => id);
    picked = [...detail.target.querySelectorAll(".pick:checked")].map(({ id, value }) => [id, value]);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (byItself(detail)) {
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      for (const [id, value] of picked) {
        const box = document.getElementById(id);
        if (box?.value === value) box.checked = true;
      }
    }
    count();
    news();
    soon();
  });
  document.addEventListener("change", count);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const row = document.activeElement?.closest(".list-row") ?? list()?.querySelector(".list-row:has([aria-current])");
    row?.querySelector(".pick")?.click();
  });
  // One menu at a time; a click elsewhere and Escape close it.
  const shut = (but) => document.querySelectorAll("details.drop[open]").forEach((each) => { if (each !== but) each.removeAttribute("open"); });
  document.addEventListener("click", ({ target }) => shut(target.closest("details.drop")));
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") shut(); });
  document.addEventListener("DOMContentLoaded", () => { known = keys(); count(); soon(); });
})();
