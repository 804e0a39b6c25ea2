// Draws the on-call page. Everything becomes a text node or an attribute; nothing is ever parsed as HTML.

const LOCALE = "en-US";
const URGENCIES = { emergency: "Emergency", urgent: "Urgent", routine: "Routine" };
const MINUTE = 60_000;
const DAY = 86_400_000;

export const $ = (id) => document.getElementById(id);

let zone = "UTC";        // the clinic's
let clock = Date.now;    // the service's

// -- elements -----------------------------------------------------------------------------------------

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return node;
}

/** A button of an escalation: `act` and what goes with it are read by oncall.js. */
const button = (label, kind, data, more = {}) =>
  el("button", { type: "button", class: `button ${kind}`, "data-focus": Object.values(data).join(" "),
    ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value])), ...more }, label);

const prints = new WeakMap();  // what each drawn node was drawn from

/** Make the children of `list` those of `items`, touching only what is new, changed or gone. Returns what is new. */
function sync(list, items, draw) {
  const keys = new Set(items.map(({ key }) => key));
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  for (const [key, node] of old) if (!keys.has(key)) node.remove();
  const added = [];
  items.forEach((item, place) => {
    const print = JSON.stringify(item);
    let node = old.get(item.key);
    if (!node || prints.get(node) !== print) {
      const fresh = draw(item);
      fresh.dataset.key = item.key;
      prints.set(fresh, print);
      if (node) swap(node, fresh);
      else added.push(fresh);
      node = fresh;
    }
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
  return added;
}

/** What was open stays open; the focus stays where it was, or goes to the whole if that place is gone. */
function swap(old, fresh) {
  for (const part of old.querySelectorAll("details[open]")) {
    fresh.querySelector(`details[data-part="${part.dataset.part}"]`)?.setAttribute("open", "");
  }
  const focus = old.contains(document.activeElement) && (document.activeElement.dataset.focus ?? "");
  old.replaceWith(fresh);
  if (focus === false) return;
  const same = [...fresh.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === focus && !node.disabled);
  (same ?? fresh).focus({ preventScroll: true });
}

// -- time ---------------------------------------------------------------------------------------------

const formats = new Map();

function format(moment, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options }));
  return formats.get(key).format(new Date(moment));
}

const hour = (moment) => format(moment, { hour: "numeric", minute: "2-digit" });
const sameDay = (moment) => format(moment, { dateStyle: "short" }) === format(clock(), { dateStyle: "short" });

/** '3:12 AM', with the day where it is not today's. */
function at(moment) {
  if (sameDay(moment)) return hour(moment);
  const near = Math.abs(Date.parse(moment) - clock()) < 6 * DAY;
  return `${format(moment, near ? { weekday: "short" } : { weekday: "short", month: "short", day: "numeric" })} ${hour(moment)}`;
}

export const now = () => hour(clock());

function age(moment) {
  const minutes = Math.max(0, Math.floor((clock() - Date.parse(moment)) / MINUTE));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(minutes / 1440)} days`;
}

function left(moment) {
  const seconds = Math.ceil((Date.parse(moment) - clock()) / 1000);
  if (seconds <= 0) return "any moment now";
  if (seconds >= 3600) return `in ${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return `in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Ages and countdowns go on between two answers; a screen reader is told of none of it. */
export function tick() {
  for (const node of document.querySelectorAll("[data-age]")) put(node, age(node.dataset.age));
  for (const node of document.querySelectorAll("[data-left]")) put(node, left(node.dataset.left));
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const time = (moment) => el("time", { datetime: moment }, at(moment));

// -- an escalation ------------------------------------------------------------------------------------

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function names({ who, you }) {
  const all = [...(you ? ["you"] : []), ...who];
  const few = all.length > 3 ? [...all.slice(0, 2), `${all.length - 2} more`] : all;
  return few.length < 2 ? few.join("") : `${few.slice(0, -1).join(", ")} and ${few.at(-1)}`;
}

function nextStep({ next, taken }) {
  if (!next) return taken ? null : el("p", {}, "The next page leaves in a moment.");
  const countdown = [" · ", el("span", { class: "number", "data-left": next.at }, left(next.at))];
  if (taken) return el("p", {}, `${next.you ? "You are" : `${next.who[0]} is`} asked again at `, time(next.at), ".");
  if (!next.how) return el("p", {}, "It comes up here again at ", time(next.at), countdown);
  const are = next.you || next.who.length > 1 ? "are" : "is";
  return el("p", {}, `${capital(names(next))} ${are} ${next.how} at `, time(next.at), countdown);
}

function standing(one) {
  const words = one.saving ? { take: "You have it. Saving…", resolve: "Ending it…", hand_over: "Handing it over…",
    snooze: "You have it. Saving…", reopen: "Opening it again…" }[one.saving]
    : !one.taken ? "Nobody has it yet."
    : [one.mine ? "You have it since " : `${one.by} has it since `, time(one.taken), "."];
  return el("div", { class: "standing" }, el("strong", {}, el("span", {}, words)), one.saving ? null : nextStep(one));
}

function buttons(one, { outcomes, snoozes, targets }) {
  const off = one.saving ? { disabled: true } : {};
  const hand = button("Hand over…", "", { panel: "hand" }, { "aria-expanded": String(one.panel === "hand"), ...off });
  const end = (kind) => button("It is over…", kind, { panel: "end" }, { "aria-expanded": String(one.panel === "end"), ...off });
  const again = button(one.mine ? "I can’t go on: page the others" : "Page again from the first step", "quiet", { act: "reopen" }, off);
  const panel = one.panel === "end" ? choices("How did it end?", outcomes.map((outcome) => [capital(outcome), { act: "resolve", outcome }]))
    : one.panel === "hand" ? choices("Who is paged now?", targets.map(({ to, label }) => [label, { act: "hand_over", to }])) : null;
  if (!one.taken) return [button("I take it", "main take", { act: "take" }, off), panel ?? hand];
  if (panel) return [panel];
  if (!one.mine) return [el("div", { class: "row" }, end(""), hand), again];
  return [
    end("main"),
    el("div", { class: "snooze", role: "group", "aria-label": "Ask me again in" }, el("p", { "aria-hidden": "true" }, "Ask me again in"),
      el("div", { class: "row" }, snoozes.map((minutes) =>
        button(minutes < 60 ? `${minutes} min` : "1 hour", "", { act: "snooze", minutes }, off)))),
    hand, again,
  ];
}

const choices = (title, options) => el("fieldset", { class: "panel" }, el("legend", {}, title),
  options.map(([label, data]) => button(label, "", data)), button("Back", "quiet", { panel: "" }));

function log({ told, done }) {
  const heard = [...told.map((row) => ({ ...row, told: true })), ...done].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (!heard.length) return null;
  return el("details", { class: "more", "data-part": "log" },
    el("summary", { "data-focus": "log" }, `What was done · ${heard.length}`),
    el("ol", { class: "log" }, heard.map((row) => el("li", {}, time(row.at), row.told ? notice(row) : deed(row)))));
}

const notice = ({ who, by, how, good }) => el("span", {}, `${capital(by)} to ${who}: `,
  el("span", { class: good === null ? "" : good ? "good" : "bad" }, how));

const deed = ({ who, what, via, until, detail }) => el("span", {}, el("strong", {}, capital(who)), ` ${what}`,
  until ? [" at ", time(until)] : "", detail ? `: ${detail}` : "", via ? el("span", { class: "muted" }, ` · ${via}`) : "");

function drawCase(one, context) {
  const grave = !one.drill && one.urgency !== "routine";
  const kind = one.taken ? (one.mine ? "mine" : "theirs") : `nobody ${one.drill ? "drill" : one.urgency} ${grave ? "alarm" : ""}`;
  const tone = one.taken ? "" : !grave ? "warn" : one.urgency === "emergency" ? "solid" : "alarm";
  const title = `case-${one.code}`;
  return el("li", { class: `card case ${kind} ${one.saving ? "saving" : ""}`, tabindex: "-1", "aria-labelledby": title },
    el("div", { class: "case-head" },
      el("h2", { id: title },
        el("span", { class: `chip ${tone}` }, one.drill ? "Drill" : URGENCIES[one.urgency]), " ",
        el("span", { class: "code" }, el("span", { class: "unseen" }, "code "), one.code)),
      el("p", { class: "age" }, el("time", { datetime: one.opened, "data-age": one.opened }, age(one.opened)),
        el("span", {}, "since ", at(one.opened)))),
    el("p", { class: "reason" }, one.reason),
    standing(one), buttons(one, context), log(one));
}

function drawEnded(one) {
  const how = [one.outcome ? capital(one.outcome) : "Ended", one.by && `, ${one.mine ? "by you" : one.by}`, " · "];
  return el("li", { tabindex: "-1" },
    el("p", {}, el("strong", {}, one.code), ` ${one.drill ? "Drill" : URGENCIES[one.urgency]}`, el("br"), how, time(one.ended)),
    button("Open again", "", { act: "reopen" }, { "data-code": one.code, "aria-label": `Open ${one.code} again`, ...(one.saving ? { disabled: true } : {}) }));
}

// -- beside -------------------------------------------------------------------------------------------

function drawDuty({ roster, name, known, mine, until }) {
  return el("li", {}, el("span", { class: "roster" }, capital(roster)),
    el("strong", { class: name ? "" : "nobody-there" }, name ?? "Nobody", mine ? " (you)" : ""),
    name && !known ? el("span", { class: "until" }, "Not set up yet: the on-call phone stands in.") : null,
    until ? el("span", { class: "until" }, "until ", at(until)) : null);
}

function drawShift({ roster, start, end }) {
  const first = start ?? new Date(clock()).toISOString();
  const span = [start ? hour(start) : "Now", " to ", end ? at(end) : "later"];
  return el("li", { class: start ? "" : "running" },
    el("span", { class: "leaf", "aria-hidden": "true" }, el("small", {}, format(first, { weekday: "short" })), el("b", {}, format(first, { day: "numeric" }))),
    el("p", {}, el("strong", {}, capital(roster)),
      el("span", {}, el("span", { class: "unseen" }, format(first, { weekday: "long", month: "long", day: "numeric" }), ", "), span)));
}

/** A row for each day: who has it, and where it goes to another during the day, from when. */
function drawPlanDay({ day, cells, rosters }) {
  const title = `${format(day, { weekday: "short" })} ${format(day, { month: "numeric", day: "numeric" })}`;
  return el("tr", {}, el("th", { scope: "row" }, title), cells.map((stints, place) => el("td", { "data-roster": capital(rosters[place]) }, stints.map(({ at: from, name, mine }) =>
    el("span", { class: `stint ${mine ? "own" : name ? "" : "nobody-there"}` }, from ? el("small", {}, `from ${hour(from)} `) : null, name ?? "Nobody")))));
}

// -- all of it ----------------------------------------------------------------------------------------

function headline({ open, me, code, ended }) {
  const nobody = open.filter(({ taken }) => !taken);
  const mine = open.filter(({ taken, mine: own }) => taken && own).length;
  const real = nobody.filter(({ drill, urgency }) => !drill && urgency !== "routine");
  const gone = ended.find((one) => one.code === code);
  if (nobody.length) {
    const drills = nobody.every(({ drill }) => drill);
    return [real.length ? "alarm" : "guide", drills ? "A drill is on" : nobody.length > 1 ? `${nobody.length} need somebody` : "Somebody is needed", ""];
  }
  if (mine) return ["mine", mine > 1 ? `You have ${mine}` : "You have it", "Nobody else is paged for it."];
  if (open.length) return ["mine", "Everything is taken", me.member ? "Nothing waits for you." : ""];
  if (gone) return ["quiet", `${code} is over`, `${gone.mine ? "You have" : `${gone.by ?? "Somebody"} has`} ended it. Nobody is waiting now.`];
  return ["quiet", "All is quiet", "Nobody is waiting."];
}

/** Show this state. `look`: what the page itself knows: the clock, which panel is open, what is being saved. */
export function draw(state, look) {
  ({ zone } = state);
  clock = look.clock;
  const [tone, title, lead] = headline(state);
  $("now").dataset.tone = tone;
  put($("headline"), title);
  put($("lead"), lead);
  put($("clinic"), state.clinic);
  put($("me"), capital(state.me.name));
  $("me").hidden = false;
  const context = { outcomes: state.outcomes, snoozes: state.snoozes, targets: state.targets };
  const today = format(clock(), { dateStyle: "short" });  // times are drawn with their day, and the day goes on
  const cases = state.open.map((one) => ({ ...one, key: one.code, panel: look.panels.get(one.code) ?? "", context, today }));
  const added = sync($("open"), cases, (one) => drawCase(one, context));
  if (look.drawn) added.forEach((node) => node.classList.add("fresh"));
  sync($("ended"), state.ended.map((one) => ({ ...one, key: one.code, today })), drawEnded);
  $("ended-box").hidden = !state.ended.length;
  sync($("duty"), state.duty.map((one) => ({ ...one, key: one.roster, today })), drawDuty);
  sync($("shifts"), state.shifts.map((one) => ({ ...one, key: `${one.roster} ${one.start}`, today })), drawShift);
  $("plan-box").hidden = !state.plan.rosters.length;
  sync($("plan-head"), [{ key: "head", rosters: state.plan.rosters }], ({ rosters }) =>
    el("tr", {}, el("th", { scope: "col" }, "Day"), rosters.map((roster) => el("th", { scope: "col" }, capital(roster)))));
  sync($("plan"), state.plan.days.map((one) => ({ ...one, key: one.day, rosters: state.plan.rosters, today })), drawPlanDay);
  $("shifts-box").hidden = !state.me.member;
  $("no-shifts").hidden = state.shifts.length > 0;
  if (state.feed) {
    const feed = new URL(state.feed, location.href);
    $("feed").href = location.protocol === "https:" ? feed.href.replace("https:", "webcal:") : feed.href;
  }
  const waiting = state.open.filter(({ taken }) => !taken).length;
  document.title = `${waiting ? `(${waiting}) ` : ""}On call · ${state.clinic}`;
}

/** One of the three faces of the page: wait, over, live. */
export function face(name) {
  for (const id of ["wait", "over", "live"]) $(id).hidden = id !== name;
}

export function away(since) {
  $("away").hidden = !since;
  put($("away"), since ? `No connection since ${since}. What you see may be old. In doubt, text ACK and the code.` : "");
}
