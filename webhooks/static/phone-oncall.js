// Draws who is on call, how far escalations have climbed, and the phones of staff: pages, calls, and what they do.

import { $, chip, drawList, el, message, sync, timeOf, title } from "./phone-view.js";

const MOST = 4;  // texts and calls of one phone that are shown
const LIVE = new Set(["ringing", "in-progress"]);
const ENDED = {
  completed: "Picked up", busy: "Busy", "no-answer": "Rang out", failed: "Did not get through", canceled: "Rang out",
};
const TONES = { emergency: "alarm", urgent: "warn" };

let known = null;  // ids of texts and calls that were seen before

/** `acts`: acknowledge(member, code, button), call(call, act, button), wait(). Returns what is new, in words. */
export function drawOnCall({ on_call: duty, escalations, staff, clinic, clock, unacknowledged }, acts) {
  sync($("duty"), duty.map((one) => ({ id: one.roster, ...one })), ({ roster, name }) => el("li", {},
    el("span", { class: "muted" }, title(roster)), el("strong", {}, name ?? "nobody")));
  const soonest = escalations.map(({ next }) => next?.at).filter(Boolean).sort()[0];
  drawList("climbing", escalations.map((one) => ({ ...one, waits: soonest && one.next?.at === soonest })),
    (one) => escalation(one, clock, acts));
  $("oncall-card").classList.toggle("alarm", unacknowledged.length > 0);
  const shown = staff.map((one) => ({ id: one.handle || "phone", ...one, clinic: clinic.name, zone: clock.zone }))
    .filter(({ pages, calls }) => pages.length || calls.length);
  const rank = (one) => (live(one) ? 0 : one.pages.some(({ code }) => code) ? 1 : 2);
  sync($("staff"), shown.sort((a, b) => rank(a) - rank(b)), (one) => phone(one, acts));
  return news(staff);
}

/** What a screen reader is told, and what puts a dot on the tab. */
function news(staff) {
  const old = known;
  known = new Set(staff.flatMap(({ pages, calls }) => [...pages, ...calls].map(({ id }) => id)));
  if (!old) return [];
  return staff.flatMap(({ name, pages, calls }) => [
    ...(calls.some(({ id, status }) => !old.has(id) && status === "ringing") ? [`${name}: the phone rings.`] : []),
    ...(pages.some(({ id, from }) => !old.has(id) && from === "clinic") ? [`${name} got a text.`] : []),
  ]);
}

// -- escalations --------------------------------------------------------------------------------------

function escalation({ code, urgency, reason, by, next, waits }, { zone }, acts) {
  const who = next && names(next.who);
  return el("li", {},
    el("div", { class: "row-head" }, chip(`${title(urgency)} ${code}`, by ? "good" : TONES[urgency] ?? ""),
      el("strong", {}, by ? `${by} has it` : "Nobody has it")),
    by ? null : el("p", { class: "muted" }, reason),
    next ? el("p", {}, `At ${timeOf(next.at, zone)}, ${who} ${next.who.length > 1 ? "are" : "is"} ${next.how}.`) : null,
    waits ? waiting(acts) : null);
}

const names = (who) => (who.length < 2 ? who.join("") : `${who.slice(0, -1).join(", ")} and ${who.at(-1)}`);

function waiting(acts) {
  const button = el("button", { class: "button", type: "button", "data-step": "climb" }, "Wait until then");
  button.addEventListener("click", () => acts.wait());
  return button;
}

// -- phones -------------------------------------------------------------------------------------------

const live = ({ calls }) => calls.find(({ status }) => LIVE.has(status));

function phone(one, acts) {
  const { name, role, on_call_for: duty, pages, calls } = one;
  const call = live(one);
  const what = duty.length ? `${title(duty.join(", "))} on call` : title(role);
  const past = [...pages, ...calls.filter(({ status }) => !LIVE.has(status))]
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST);
  return el("li", { class: `handheld ${call ? "rings" : ""}` },
    el("div", { class: "contact" }, el("strong", {}, name), el("span", { class: "muted small" }, what)),
    call ? current(call, one, acts) : null,
    el("ul", { class: "pages" }, ...past.flatMap((item) => (item.body === undefined ? [over(item, one)] : page(item, one, acts)))));
}

function page(item, { handle, zone }, acts) {
  const shown = message(item, zone, { short: true });
  if (!item.code) return [shown];
  const button = el("button", { class: "button main", type: "button" }, `Reply ACK ${item.code}`);
  button.addEventListener("click", () => acts.acknowledge(handle, item.code, button));
  return [shown, el("li", { class: "reply" }, button)];
}

/** A call that rings, or in which somebody listens. */
function current({ id, status, said, waits }, { clinic }, acts) {
  const does = (act, words, tone) => {
    const button = el("button", { class: `button ${tone}`, type: "button" }, words);
    button.addEventListener("click", () => acts.call(id, act, button));
    return button;
  };
  const rings = status === "ringing";
  const buttons = rings
    ? [does("answer", "Answer", "take"), does("miss", "Let it ring out", "")]
    : [waits ? does("press", "Press 1", "take") : null, does("hang_up", "Hang up", "")];
  return el("div", { class: "call" },
    el("p", {}, el("strong", {}, clinic), el("span", {}, rings ? "is calling…" : "on the phone")),
    ...said.map((words) => el("blockquote", {}, words)),
    el("div", { class: "buttons" }, ...buttons.filter(Boolean)));
}

function over({ status, said, at }, { zone }) {
  const words = status === "completed" ? said.at(-1) : null;
  return el("li", { class: "call-over" },
    el("span", {}, el("strong", {}, `Call · ${ENDED[status] ?? "Over"}`), " ", el("small", { class: "number" }, timeOf(at, zone))),
    words ? el("blockquote", {}, words) : null);
}
