// The console: news, keys, the end of a session. Pages work without it; with it they follow what happens.
//
// News come by one stream a page. `live-inbox` and `live-talk-<id>` are fired on the body for what has changed; HTMX
// regions have these as triggers and fetch themselves. Where the stream is away, all of them are fired every 30 s.
(() => {
  "use strict";
  const LOOK_EVERY = 30_000, SPREAD = 250, WARN_BEFORE = 60_000; // ms
  const page = () => document.getElementById("page");
  const fire = (topic) => topic === "all" ? everything() : document.body.dispatchEvent(new CustomEvent(`live-${topic.replace(":", "-")}`));
  const everything = () => document.querySelectorAll("[hx-trigger*='live-']").forEach((region) => {
    for (const [, topic] of region.getAttribute("hx-trigger").matchAll(/live-([\w-]+)/g)) fire(topic);
  });

  // -- what HTMX sends ---------------------------------------------------------------------------------
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.headers["X-CSRF"] = page().dataset.csrf;
    if (detail.triggeringEvent?.type?.startsWith("live-")) detail.headers["X-Live"] = "1";
    else stay();
  });

  // -- news --------------------------------------------------------------------------------------------
  let stream, looking;
  function listen() {
    stream = new EventSource(page().dataset.live);
    stream.onopen = () => { clearInterval(looking); looking = undefined; away(false); };
    stream.onmessage = ({ data }) => setTimeout(() => data.split(" ").forEach(fire), Math.random() * SPREAD);
    stream.addEventListener("over", () => { stream.close(); location.assign(page().dataset.door); });
    stream.onerror = () => {
      away(true);
      looking ??= setInterval(everything, LOOK_EVERY);
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, LOOK_EVERY);
    };
  }
  let gone;
  function away(is) {
    clearTimeout(gone);
    if (is) gone = setTimeout(() => { document.getElementById("away").hidden = false; }, 4000);
    else document.getElementById("away").hidden = true;
  }

  // -- the end of a session ------------------------------------------------------------------------------
  let ends;
  function stay() { ends = Date.now() + Number(page().dataset.ends) * 1000; }
  function watch() {
    const left = ends - Date.now(), dialog = document.getElementById("idle");
    if (left <= 0) return location.assign(page().dataset.door);
    if (left < WARN_BEFORE && !dialog.open) dialog.showModal();
    document.getElementById("idle-left").textContent = `${Math.max(1, Math.round(left / 1000))} seconds`;
  }
  function here() {
    fetch(page().dataset.stay, { method: "POST", headers: { "X-CSRF": page().dataset.csrf } })
      .then((answer) => (answer.ok && !answer.redirected ? stay() : location.assign(page().dataset.door)));
  }

  // -- keys ----------------------------------------------------------------------------------------------
  // [data-key="c"] is what pressing c clicks or focuses; [data-rows] a list through which j and k walk.
  const GO = { i: "/console/inbox", p: "/console/patients", d: "/console/day", f: "/console/flows" };
  let went = 0;
  function typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key, second = Date.now() - went < 1200;
    went = key === "g" ? Date.now() : 0;
    if (key === "?") document.getElementById("keys").showModal();
    else if (key === "/") document.getElementById("seek")?.focus();
    else if (second && GO[key]) location.assign(GO[key]);
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else {
      const meant = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([hidden])`);
      if (!meant) return;
      if (meant.matches("input, textarea, select")) meant.focus(); else meant.click();
    }
    event.preventDefault();
  }
  function step(by) {
    const rows = [...document.querySelectorAll("[data-rows] a[data-row]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row === document.activeElement || row.getAttribute("aria-current") === "true");
    rows[Math.max(0, Math.min(rows.length - 1, at + by))].focus();
  }

  // -- small things ----------------------------------------------------------------------------------------
  // A region with a field that is being written in is left alone by news: no draft is lost.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const writing = event.detail.target.querySelector("textarea:focus, input:focus:not([type=checkbox])");
    if (writing && writing.value && event.detail.requestConfig.triggeringEvent?.type?.startsWith("live-")) {
      event.detail.shouldSwap = false;
    }
  });
  // A form brings word of what was done with it: hx-select-oob="#said:innerHTML".
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target?.id === "said" && target.textContent) say(target.textContent);
  });
  document.addEventListener("htmx:responseError", () => say("That did not work. Please try once more."));
  document.addEventListener("htmx:sendError", () => say("No connection. Nothing was sent."));
  let fading;
  function say(words) {
    const toast = document.getElementById("said");
    toast.textContent = words;
    toast.hidden = false;
    clearTimeout(fading);
    fading = setTimeout(() => { toast.hidden = true; }, 6000);
  }
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-keys]")) document.getElementById("keys").showModal();
    if (!target.closest("details.me")) document.querySelector("details.me[open]")?.removeAttribute("open");
    const opener = target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
  });
  document.addEventListener("keydown", typed);

  document.addEventListener("DOMContentLoaded", () => {
    if (!page()) return;
    stay();
    listen();
    const said = document.getElementById("said");
    if (!said.hidden) say(said.textContent);
    setInterval(watch, 1000);
    setInterval(() => fire("minute"), 60_000); // what counts minutes looks again
    document.getElementById("idle").addEventListener("close", here);
  });
})();
