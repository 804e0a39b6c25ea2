// The demo's phones: asks /phone/state once a second, sends what is typed, moves the clock, answers for staff.
// Drawing: phone-view.js, and phone-oncall.js for the phones of staff.

import { drawOnCall } from "./phone-oncall.js";
import { $, drawClock, drawHappenings, drawPeople, drawRecords, drawThread, drawTrace } from "./phone-view.js";

const EVERY = 1000;     // ms between two looks
const PATIENCE = 8000;  // ms until a look counts as lost
const LONG = 60000;     // ms that an action may take: moving the clock rings every timer on the way
const READING = 6000;   // ms that a complaint stays
const GUARD = { "Content-Type": "application/json", "X-Requested-With": "careline" };

let patient = new URLSearchParams(location.search).get("patient");
let shown = null;       // the patient whose thread is on the screen
let state = null;
let lastAnswer = "";    // text of the last answer: nothing is drawn again while it stays the same
let turn = 0;           // answers to questions of an earlier turn are dropped
let timer = 0;
let sent = 0;
let pending = [];       // texts sent from here that the thread doesn't hold yet: {key, patient, body, known}
let moving = false;     // the clock is being moved
let complaintUntil = 0;
const drafts = new Map();

// -- talking with the service -------------------------------------------------------------------------

async function look() {
  clearTimeout(timer);
  const mine = ++turn;
  try {
    const query = patient ? `?patient=${encodeURIComponent(patient)}` : "";
    const answer = await fetch(`/phone/state${query}`, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
    if (mine !== turn) return;
    if ((answer.status === 400 || answer.status === 404) && patient) patient = null;  // a link from an older demo
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (mine !== turn) return;
    if (Date.now() > complaintUntil) notice("");
    if (text !== lastAnswer) {
      lastAnswer = text;
      state = JSON.parse(text);
      draw();
    }
  } catch {
    if (mine === turn) notice("The service isn’t answering. Reconnecting…");
  }
  if (mine === turn && !document.hidden) timer = setTimeout(look, EVERY);
}

async function post(path, content) {
  const answer = await fetch(path, {
    method: "POST", headers: GUARD, body: JSON.stringify(content), signal: AbortSignal.timeout(LONG),
  });
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : "The service couldn’t do that just now.");
}

/** Not while another patient's thread is still on its way: the text would land with the wrong one. */
const maySend = (body) => Boolean(body.trim()) && state?.patient === patient;

async function send(body) {
  if (!maySend(body)) return;
  const text = { key: `here ${++sent}`, patient, body, known: new Set(state.thread.map(({ id }) => id)) };
  pending.push(text);
  draw({ scroll: true });
  try {
    await post("/phone/text", { patient: text.patient, body });
  } catch (error) {
    pending = pending.filter((other) => other !== text);
    giveBack(text);
    draw();
    complain(error, "The text wasn’t sent.");
    return;
  }
  look();
}

/** A text that wasn't sent goes back into the field, unless something else is already typed there. */
function giveBack({ patient: whose, body }) {
  if (whose !== patient) drafts.set(whose, drafts.get(whose) || body);
  else if (!$("draft").value) $("draft").value = body;
}

/** What is done with the phones of staff; the button that did it rests meanwhile. */
async function onPhone(path, content, button, otherwise) {
  button.disabled = true;
  try {
    await post(path, content);
  } catch (error) {
    complain(error, otherwise);
  }
  button.disabled = false;
  look();
}

const staffActs = {
  acknowledge: (member, code, button) =>
    onPhone("/phone/acknowledge", { member, code }, button, "The page wasn’t acknowledged."),
  call: (call, act, button) => onPhone("/phone/call", { call, act }, button, "The phone didn’t do that."),
  wait: () => moveClock("climb"),
};

async function moveClock(step) {
  const buttons = () => [...document.querySelectorAll("[data-step]")];
  moving = true;
  buttons().forEach((button) => { button.disabled = true; });
  try {
    await post("/phone/clock", { step, patient });
  } catch (error) {
    complain(error, "The clock wasn’t moved.");
  }
  moving = false;
  buttons().forEach((button) => { button.disabled = false; });
  drawNext();
  // A disabled button loses the focus; whoever works by keyboard gets it back, unless it went elsewhere meanwhile.
  if (document.activeElement === document.body) document.querySelector(`[data-step="${step}"]`)?.focus({ preventScroll: true });
  look();
}

/** Calls, results, lists, staff: what starts a conversation beside texts and time. */
async function letHappen() {
  const what = $("happening").value;
  if (!what || state?.patient !== patient) return;
  try {
    await post("/phone/happen", { patient, what });
    $("happening").value = "";
    $("happen").querySelector("button").disabled = true;
  } catch (error) {
    complain(error, "It didn’t happen.");
  }
  look();
}

function complain(error, otherwise) {
  complaintUntil = Date.now() + READING;
  notice(error.name === "Error" ? error.message : `${otherwise} Reconnecting…`);
}

// -- drawing ------------------------------------------------------------------------------------------

function draw({ scroll = false } = {}) {
  if (!state) return;
  patient ??= state.patient;
  if (state.patient !== patient) return;  // the answer for the one picked now is on its way
  const switched = shown !== patient;
  if (switched) arrive();
  settlePending();
  drawClock(state);
  drawNext();
  drawHappenings(state);
  drawPeople(state, pick, { switched });
  const heard = drawThread(state, pending.filter((text) => text.patient === patient), { switched, scroll });
  const events = drawTrace(state, { switched });
  drawRecords(state);
  const rung = drawOnCall(state, staffActs);
  if (heard.length || rung.length) $("announcer").textContent = [...heard, ...rung].join(" ");
  if (events) hint("happened");
  if (rung.length) hint("records");
}

/** A dot on a tab that is not open. */
function hint(tab) {
  document.querySelector(`.tabs [data-tab="${tab}"][aria-pressed="false"]`)?.classList.add("news");
}

function arrive() {
  const name = state.patients.find(({ id }) => id === patient)?.name ?? "the patient";
  $("draft").placeholder = `Text as ${name.split(" ")[0]}`;
  $("draft-label").textContent = `Text as ${name}`;
  shown = patient;
  history.replaceState(null, "", `?patient=${encodeURIComponent(patient)}`);
}

/** A text that now stands in the thread needs its stand-in no longer. */
function settlePending() {
  const claimed = new Set();
  pending = pending.filter((text) => {
    if (text.patient !== state.patient) return true;
    const real = state.thread.find(({ id, from, body }) =>
      from === "patient" && body === text.body && !text.known.has(id) && !claimed.has(id));
    if (real) claimed.add(real.id);
    return !real;
  });
}

function drawNext() {
  document.querySelector('[data-step="next"]').disabled = moving || !state?.next_reminder;
}

function notice(text) {
  const bar = $("offline");
  if (bar.textContent !== text) bar.textContent = text;
  bar.hidden = !text;
}

function pick(id) {
  if (id === patient) return;
  drafts.set(patient, $("draft").value);
  $("draft").value = drafts.get(id) ?? "";
  patient = id;
  look();
}

// -- controls -----------------------------------------------------------------------------------------

function showTab(name) {
  $("board").dataset.tab = name;
  for (const button of document.querySelectorAll(".tabs button")) {
    button.setAttribute("aria-pressed", String(button.dataset.tab === name));
    if (button.dataset.tab === name) button.classList.remove("news");
  }
  if (name === "phone") $("thread").scrollTop = $("thread").scrollHeight;
}

function showTips(wanted) {
  $("tips").hidden = !wanted;
  $("tips-toggle").textContent = wanted ? "Hide tips" : "Show tips";
  $("tips-toggle").setAttribute("aria-expanded", String(wanted));
  document.body.classList.toggle("no-tips", !wanted);
}

function remembered(value) {
  try {  // a browser may forbid storage; the tips then simply come back
    if (value !== undefined) localStorage.setItem("tips", value);
    return localStorage.getItem("tips");
  } catch {
    return null;
  }
}

function sendDraft() {
  const body = $("draft").value;
  if (!maySend(body)) return;
  $("draft").value = "";
  send(body);
}

function start() {
  $("happening").addEventListener("change", () => { $("happen").querySelector("button").disabled = !$("happening").value; });
  $("happen").addEventListener("submit", (event) => { event.preventDefault(); letHappen(); });
  $("composer").addEventListener("submit", (happening) => { happening.preventDefault(); sendDraft(); });
  $("draft").addEventListener("keydown", (key) => {
    if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
    key.preventDefault();
    sendDraft();
  });
  for (const button of document.querySelectorAll(".suggestion")) button.addEventListener("click", () => send(button.textContent));
  for (const button of document.querySelectorAll("[data-step]")) button.addEventListener("click", () => moveClock(button.dataset.step));
  for (const button of document.querySelectorAll(".tabs button")) button.addEventListener("click", () => showTab(button.dataset.tab));
  $("tips-toggle").addEventListener("click", () => {
    showTips($("tips").hidden);
    remembered($("tips").hidden ? "hidden" : "shown");
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  const narrow = matchMedia("(max-width: 44.99rem)").matches;  // there the steps would push the phone off the screen
  showTips(remembered() ? remembered() !== "hidden" : !narrow);
  look();
}

start();
