// Draws the state of /phone, but for the phones of staff: phone-oncall.js. Everything from outside becomes a text node: a body may hold any HTML.

const LOCALE = "en-US";
const LEVELS = { emergency: "Emergency", crisis: "Crisis", urgent: "Urgent" };
const STATUSES = { queued: "Queued", sending: "Sending…", sent: "Sent", delivered: "Delivered", received: "" };
const TEXTS = new Set(["SendText", "TellStaff"]);
const LOST = new Set(["undelivered", "failed"]);
const VISIT_TONES = { confirmed: "good", cancelled: "faint", noshow: "warn" };
const URGENCY_TONES = { emergency: "alarm", crisis: "alarm", urgent: "warn" };

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; children are elements or text, and nothing is ever parsed as HTML. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const prints = new WeakMap();  // what each drawn node was drawn from

/** Make the children of `list` those of `items`, touching only what is new, changed or gone. Returns what was added. */
export function sync(list, items, draw) {
  const wanted = new Set(items.map(({ id }) => id));
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  for (const [key, node] of old) if (!wanted.has(key)) node.remove();
  const added = [];
  let place = list.firstElementChild;
  for (const item of items) {
    const print = JSON.stringify(item);
    const node = old.get(item.id);
    if (!node) {
      added.push(list.insertBefore(keyed(draw(item), item.id, print), place));
      continue;
    }
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
    if (prints.get(node) !== print) swap(node, keyed(draw(item), item.id, print));
  }
  return added;
}

function keyed(node, key, print) {
  node.dataset.key = key;
  prints.set(node, print);
  return node;
}

function swap(old, fresh) {
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("button, a")?.focus();
}

// -- words and times ----------------------------------------------------------------------------------

const inZone = (iso, zone, options) => new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options }).format(new Date(iso));
export const timeOf = (iso, zone) => inZone(iso, zone, { hour: "numeric", minute: "2-digit" });
const dayOf = (iso, zone) => inZone(iso, zone, { weekday: "short", month: "short", day: "numeric" });
export const momentOf = (iso, zone) => `${dayOf(iso, zone)}, ${timeOf(iso, zone)}`;
export const plain = (word) => String(word).replaceAll("_", " ");
export const title = (word) => plain(word).replace(/^./u, (first) => first.toUpperCase());
export const chip = (text, tone = "") => el("span", { class: `chip ${tone}` }, text);

function languageName(code) {
  try {
    return new Intl.DisplayNames(LOCALE, { type: "language" }).of(code);
  } catch {
    return code;
  }
}

function span(from, to) {
  if (from && to) return from === to ? from : `${from} – ${to}`;
  if (from) return `from ${from}`;
  return to ? `until ${to}` : "";
}

/** A wish for another time, as {date_from, date_to, time_from, time_to}: any of them may be open. */
function windowText(wish) {
  const day = (date) => inZone(`${date}T12:00:00Z`, "UTC", { month: "short", day: "numeric" });
  const days = span(wish.date_from && day(wish.date_from), wish.date_to && day(wish.date_to));
  return `wants ${[days, span(wish.time_from, wish.time_to)].filter(Boolean).join(", ") || "another time"}`;
}

function valueText(value) {
  if (typeof value === "object" && "date_from" in value) return windowText(value);
  if (typeof value === "boolean") return value ? "answer: yes" : "answer: no";
  if (typeof value !== "object") return `answer: ${plain(value)}`;
  const parts = Object.entries(value).filter(([, part]) => part !== null);
  return `answer: ${parts.map(([name, part]) => `${plain(name)} ${part}`).join(", ")}`;
}

/** Text whose web addresses can be followed; only http and https ever become links. `short`: without their end. */
function withLinks(text, short) {
  const shown = (address) => (short ? address.replace(/^https?:\/\//, "").replace(/#.+$/, "#…") : address);
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part, index) =>
    index % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, shown(part)) : part);
}

// -- the phone ----------------------------------------------------------------------------------------

const SENDERS = { clinic: "Clinic: ", patient: "Patient: ", staff: "Staff: " };

export function message(item, zone, { short = false } = {}) {
  const lost = LOST.has(item.status);
  const code = item.error_code ? ` (${item.error_code})` : "";
  const status = lost ? `Not delivered${code}` : STATUSES[item.status] ?? plain(item.status);
  const note = item.status === "sending-here" ? "Sending…" : [timeOf(item.at, zone), status].filter(Boolean).join(" · ");
  const kind = `${item.from} ${lost ? "lost" : ""} ${item.status === "sending-here" ? "sending" : ""}`;
  return el("li", { class: `message ${kind}` },
    el("p", {},
      el("span", { class: "unseen" }, SENDERS[item.from]),
      ...(item.from === "clinic" ? withLinks(item.body, short) : [item.body])),
    el("small", { class: "number" }, note));
}

function withDays(thread, zone) {
  let last = null;
  return thread.flatMap((item) => {
    const day = dayOf(item.at, zone);
    const before = day === last ? [] : [{ id: `day ${day}`, day }];
    last = day;
    return [...before, item];
  });
}

/** `pending`: texts typed here that the service hasn't shown yet. Returns the clinic's new messages. */
export function drawThread(state, pending, { switched, scroll }) {
  const list = $("thread");
  const zone = state.clock.zone;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const waiting = pending.map(({ key, body }) =>
    ({ id: key, from: "patient", body, at: state.clock.now, status: "sending-here" }));
  const items = withDays([...state.thread, ...waiting], zone);
  if (!items.length) items.push({ id: "empty", empty: true });
  list.lang = state.patients.find(({ id }) => id === state.patient)?.language ?? "en";
  const added = sync(list, items, (item) => {
    if (item.empty) return el("li", { class: "empty day", lang: "en" }, "No texts yet. Move the clock, or write first.");
    return item.day ? el("li", { class: "day", lang: "en" }, item.day) : message(item, zone);
  });
  const fresh = switched ? [] : added.filter((node) => node.matches(".clinic"));
  fresh.forEach((node) => node.classList.add("fresh"));
  if (switched || scroll || (added.length && atEnd)) list.scrollTop = list.scrollHeight;
  return fresh.map((node) => node.querySelector("p").textContent);
}

export function drawClock({ clock, next_reminder: next, clinic }) {
  $("clock").textContent = `${dayOf(clock.now, clock.zone)} · ${timeOf(clock.now, clock.zone)}`;
  $("clock").dateTime = clock.now;
  $("clock").title = `${clock.label}, ${clock.zone}`;
  $("phone-time").textContent = timeOf(clock.now, clock.zone).replace(/\s?[AP]M/, "");
  $("next-reminder").textContent = next
    ? `Next: ${momentOf(next.at, clock.zone)}`
    : "No reminder is waiting.";
  $("clinic-name").textContent = clinic.name;
  $("clinic-phone").textContent = clinic.phone;
}

/** What can happen beside texts and time; the list changes only when the clinic publishes. */
export function drawHappenings({ happenings }) {
  const list = $("happening");
  if (list.dataset.drawn === String(happenings.length)) return;
  list.replaceChildren(list.firstElementChild, ...happenings.map(({ id, title }) => el("option", { value: id }, title)));
  list.dataset.drawn = String(happenings.length);
}

export function drawPeople({ patients, patient }, pick, { switched }) {
  const items = patients.map((one) => ({ ...one, active: one.id === patient }));
  sync($("people"), items, (one) => {
    const flags = el("span", { class: "chips" },
      one.unread ? chip(`${one.unread === true ? "" : one.unread} new`.trim()) : null,
      one.open_tasks ? chip(one.open_tasks === 1 ? "1 task" : `${one.open_tasks} tasks`, "warn") : null);
    const button = el("button", { class: "person", type: "button", "aria-pressed": String(one.active) },
      el("strong", {}, one.name), flags,
      el("span", { class: "muted" }, `${languageName(one.language)} · ${one.next_visit ?? "no visit"}`));
    button.addEventListener("click", () => pick(one.id));
    return el("li", {}, button);
  });
  if (switched) $("people").querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// -- what happened ------------------------------------------------------------------------------------

function understood(reading) {
  if (!reading) return [];
  const level = LEVELS[reading.level];
  const answered = reading.value !== null && reading.value !== undefined;
  const unclear = reading.intent === "other" && !level && !answered;
  const parts = [
    level ? chip(level, reading.level === "urgent" ? "warn" : "alarm") : null,
    reading.category ? chip(plain(reading.category), level ? "faint" : "") : null,
    reading.intent && reading.intent !== "other" ? chip(plain(reading.intent)) : null,
    unclear ? chip("not clear", "faint") : null,
    answered ? chip(valueText(reading.value)) : null,
    reading.language && reading.language !== "en" ? chip(languageName(reading.language), "faint") : null,
  ];
  if (typeof reading.confidence === "number") {
    const percent = `${Math.round(reading.confidence * 100)}%`;
    parts.push(el("span", { class: "confidence number", title: "How sure the reader is" },
      el("meter", { min: 0, max: 1, value: reading.confidence, "aria-label": "Confidence" }), `${percent} sure`));
  }
  return [el("dt", {}, "Understood"), el("dd", { class: "understood" }, ...parts.filter(Boolean))];
}

function step({ before, after }) {
  if (!before && !after) return [];
  const now = el("span", { class: "mono" }, after ?? "finished");
  const words = before === after
    ? ["stays at ", now]
    : [el("span", { class: "was mono" }, before ?? "start"), " → ", now];
  return [el("dt", {}, "Step"), el("dd", { class: "step" }, ...words)];
}

function effects(list) {
  if (!list.length) return [];
  const drawn = list.map(({ kind, title, detail, tone }) => el("li", { class: TEXTS.has(kind) ? "texted" : null },
    chip(title, tone === "plain" ? "" : tone),
    detail ? el("p", { class: TEXTS.has(kind) ? "said" : null }, detail) : null));
  return [el("dt", {}, "Did"), el("dd", {}, el("ul", { class: "effects" }, ...drawn))];
}

/** A card takes the gravest tone among its effects; one glance down the line finds the alarms. */
function toneOf({ understood: reading, effects: list }) {
  if (["emergency", "crisis"].includes(reading?.level)) return "alarm";
  return ["alarm", "warn", "good"].find((tone) => list.some((effect) => effect.tone === tone)) ?? "";
}

function event(item) {
  const facts = [...understood(item.understood), ...step(item), ...effects(item.effects)];
  return el("li", { class: `event ${toneOf(item)}` },
    el("div", { class: "event-head" }, el("strong", {}, item.event.title),
      el("time", { datetime: item.at }, item.moment)),
    item.event.text ? el("blockquote", {}, item.event.text) : null,
    facts.length ? el("dl", { class: "facts" }, ...facts) : null);
}

/** Returns how many events are new. */
export function drawTrace({ trace, clock }, { switched }) {
  const newest = [...trace].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const today = dayOf(clock.now, clock.zone);
  const momentOn = (at) => (dayOf(at, clock.zone) === today ? timeOf : momentOf)(at, clock.zone);
  const added = sync($("trace"), newest.map((item) => ({ ...item, moment: momentOn(item.at) })), event);
  if (!switched) added.forEach((node) => node.classList.add("fresh"));
  $("trace").hidden = !trace.length;
  $("trace-empty").hidden = trace.length > 0;
  return switched ? 0 : added.length;
}

export function drawRecords({ visits, tasks, clock }) {
  drawList("visits", visits, (visit) => el("li", {},
    el("div", { class: "row-head" }, el("strong", {}, visit.when), chip(plain(visit.status), VISIT_TONES[visit.status] ?? "")),
    el("span", { class: "muted" }, [title(visit.kind ?? ""), visit.provider, visit.location].filter(Boolean).join(" · "))));
  drawList("tasks", tasks, (task) => el("li", {},
    el("div", { class: "row-head" }, el("strong", {}, title(task.kind)), chip(plain(task.urgency), URGENCY_TONES[task.urgency] ?? "")),
    el("div", { class: "muted" }, task.why ?? ""),
    el("time", { class: "muted small", datetime: task.opened }, momentOf(task.opened, clock.zone))));
}

export function drawList(id, items, draw) {
  sync($(id), items, draw);
  $(`${id}-empty`).hidden = items.length > 0;
}
