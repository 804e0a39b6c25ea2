// The on-call page: takes the token out of the address, asks for the state every few seconds, does what is pressed.
// Drawing: oncall-view.js. Sound and push: oncall-alerts.js.

import * as alerts from "./oncall-alerts.js";
import { $, away, draw, face, now, tick } from "./oncall-view.js";

const TOKEN = /^[A-Za-z0-9_-]{40}$/;
const KEPT = "oncall-token";   // in sessionStorage: of this tab alone, so that a reload works
const EVERY = 3000;            // ms between two looks
const SOON = 700;              // ms between two looks while something is being saved
const PATIENCE = 8000;         // ms until a request counts as lost
const CONFIRMED = 20_000;      // ms in which what was done shows in the state
const READING = 9000;          // ms that a message stays
const GUARD = { "Content-Type": "application/json", "X-Requested-With": "careline" };

let token = null;
let state = null;        // the last one that came
let version = "";
let ahead = 0;           // ms that the service's clock is ahead of ours
let timer = 0;
let turn = 0;            // answers to questions of an earlier turn are dropped
let lost = null;         // since when nothing comes
let drawn = false;
let heard = null;        // code → the last page of it that was heard here; null before the first look
const panels = new Map();
const saving = new Map();  // code → what was pressed and is not in the state yet

const clock = () => Date.now() + ahead;

// -- the token ----------------------------------------------------------------------------------------

function readToken() {
  const given = location.hash.slice(1);
  if (location.hash) history.replaceState(null, "", location.pathname);
  token = TOKEN.test(given) ? keep(given) : kept();
  version = "";
  if (token) look();
  else over("Open the link in your text", "Every page that you get has one. Or reply ACK and the code: it does the same.");
}

function kept() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;  // a browser that keeps nothing
  }
}

function keep(given) {
  try {
    if (given) sessionStorage.setItem(KEPT, given);
    else sessionStorage.removeItem(KEPT);
  } catch { /* the link still works, until the page is loaded anew */ }
  return given;
}

function over(title = "This link is over", lead = "Text ACK and the code, or ask for a new one.") {
  clearTimeout(timer);
  token = keep(null);
  [$("over-title").textContent, $("over-lead").textContent] = [title, lead];
  face("over");
  document.title = "On call";
  $("over-title").focus();
}

// -- talking with the service -------------------------------------------------------------------------

function post(path, content) {
  return fetch(`/oncall/${path}`, {
    method: "POST", headers: GUARD, body: JSON.stringify({ token, ...content }),
    signal: AbortSignal.timeout(PATIENCE), cache: "no-store",
  });
}

async function look() {
  clearTimeout(timer);
  if (!token) return;
  const mine = ++turn;
  try {
    const answer = await post("state", { known: version });
    if (mine !== turn) return;
    if (answer.status === 404) { over(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    take(await answer.json());
  } catch {
    if (mine === turn && token) {
      lost ??= now();
      if (state) away(lost);
    }
  }
  if (mine === turn && token) timer = setTimeout(look, saving.size ? SOON : EVERY);
}

function take(answer) {
  ahead = Date.parse(answer.now) - Date.now();
  lost = null;
  away(null);
  if (answer.state) [state, version] = [answer.state, answer.version];
  settle();
  show();
  listen();
}

function show() {
  if (!state || !token) return;
  face("live");
  draw(optimistic(), { clock, panels, drawn });
  drawn = true;
  tick();
}

// -- what was pressed and is not in the state yet -----------------------------------------------------

const all = () => [...state.open, ...state.ended];

function optimistic() {
  const seen = (one) => {
    const { act, since } = saving.get(one.code) ?? {};
    if (!act) return one;
    const taken = act === "take" ? { taken: since, mine: true } : {};
    return { ...one, ...taken, saving: act };
  };
  return { ...state, open: state.open.map(seen), ended: state.ended.map(seen) };
}

/** What the state shows by now is saved. Somebody else may have been quicker by a moment. */
function settle() {
  for (const [code, { act, before, until, sent }] of saving) {
    if (!sent) continue;
    const one = all().find((other) => other.code === code);
    if (print(one) !== before) {
      saving.delete(code);
      if (act === "take" && one?.taken && !one.mine) say(`${one.by} was quicker and has ${code}.`);
      else announce(CONFIRMATIONS[act](code));
    } else if (Date.now() > until) {
      saving.delete(code);
      say(`${code}: not confirmed yet. Look again in a moment, or text ACK ${code}.`);
    }
  }
}

const print = (one) => JSON.stringify(one && [one.taken, one.by, one.until, one.ended, one.done?.length]);

const CONFIRMATIONS = {
  take: (code) => `You have ${code}.`,
  resolve: (code) => `${code} is over.`,
  hand_over: (code) => `${code} is handed over.`,
  snooze: (code) => `You are asked about ${code} again.`,
  reopen: (code) => `${code} is open again.`,
};

async function act(code, wanted) {
  if (saving.has(code)) return;
  const one = all().find((other) => other.code === code);
  const mark = { act: wanted.act, before: print(one), until: Date.now() + CONFIRMED, sent: false,
    since: new Date(clock()).toISOString() };
  saving.set(code, mark);
  panels.delete(code);
  say("");
  show();
  try {
    const answer = await post("act", { code, ...wanted });
    if (answer.status === 404 && (await answer.text()).includes("link")) { over(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const { came, by } = await answer.json();
    mark.sent = true;
    if (came !== "done") {
      saving.delete(code);
      say(came === "already" ? `${by} was quicker and has ${code}.` : `${code} is over already.`);
    }
  } catch {
    saving.delete(code);
    say(`That wasn’t saved. Try again, or text ACK ${code}.`);
  }
  show();
  look();
}

// -- being heard --------------------------------------------------------------------------------------

/** A new escalation, or a new page of one, rings. What was there when the page opened has rung already. */
function listen() {
  const waiting = new Map(state.open.filter(({ taken }) => !taken).map((one) => [one.code, one]));
  const fresh = heard ? [...waiting.values()].filter(({ code, paged }) => heard.get(code) !== paged) : [];
  if (fresh.length) {
    alerts.ring();
    announce(fresh.map(({ code, urgency, drill }) => `${drill ? "Drill" : urgency} ${code}: nobody has it yet.`).join(" "));
  }
  heard = new Map([...waiting].map(([code, { paged }]) => [code, paged]));
}

let quiet = 0;

function say(message) {
  clearTimeout(quiet);
  $("toast").textContent = message;
  if (message) quiet = setTimeout(() => { $("toast").textContent = ""; }, READING);
}

function announce(message) {
  $("announcer").textContent = message;
}

function showSound() {
  const on = alerts.soundIsOn();
  $("sound-title").textContent = on ? "Sound is on" : "Sound is off";
  $("sound-hint").textContent = on ? "Keep this page open to hear a new page." : "Your browser plays none before you tap.";
  $("sound").textContent = on ? "Turn sound off" : "Turn sound on";
}

async function switchSound() {
  if (alerts.soundIsOn()) await alerts.turnSoundOff();
  else if (await alerts.turnSoundOn()) alerts.play([660, 880]);
  else say("This browser plays no sound.");
  showSound();
}

const PUSH = {
  off: ["Alerts are off", "They come while this page is closed, too.", "Get alerts on this phone"],
  on: ["Alerts are on", "They come while this page is closed, too.", "Turn alerts off"],
  blocked: ["Alerts are blocked", "Allow notifications for this page in your browser’s settings.", ""],
};

let push = "";  // whose key the standing was found for

async function showPush() {
  if (!state) return;
  const standing = await alerts.pushStanding(state.push, state.me.handle).catch(() => "hidden");
  $("push-box").hidden = standing === "hidden";
  if (standing === "hidden") return;
  [$("push-title").textContent, $("push-hint").textContent, $("push").textContent] = PUSH[standing];
  $("push").hidden = standing === "blocked";
  $("push").dataset.standing = standing;
}

async function switchPush() {
  $("push").disabled = true;
  try {
    if ($("push").dataset.standing === "on") await alerts.turnPushOff();
    else await alerts.turnPushOn(state.push, state.me.handle, keepDevice);
  } catch (error) {
    say(error.message === "blocked" ? "Alerts are blocked in this browser’s settings." : "This browser can’t be alerted.");
  }
  $("push").disabled = false;
  await showPush();
  $("push").focus();
}

async function keepDevice({ endpoint, keys }) {
  const answer = await post("device", { endpoint, keys });
  if (!answer.ok) throw new Error(String(answer.status));
}

// -- start --------------------------------------------------------------------------------------------

$("live").addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-act], [data-panel]");
  if (!pressed || pressed.disabled) return;
  const code = pressed.closest("[data-key]").dataset.key;
  const { act: what, panel, outcome, to, minutes } = pressed.dataset;
  if (what) act(code, { act: what, outcome, to, minutes: minutes && Number(minutes) });
  else {
    const opener = panels.get(code);
    panels.set(code, panel);
    show();
    const wanted = panel ? ".panel .button" : `[data-focus="${opener}"]`;
    document.querySelector(`#open [data-key="${code}"] ${wanted}`)?.focus();
  }
});
$("sound").addEventListener("click", switchSound);
$("push").addEventListener("click", switchPush);
addEventListener("hashchange", readToken);
addEventListener("online", look);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
alerts.soundWithFirstTouch(showSound);
alerts.onPush(look);
setInterval(() => {
  tick();
  const whose = state && `${state.push} ${state.me.handle}`;
  if (whose && whose !== push) { push = whose; showPush(); }
}, 1000);
readToken();
