// How the on-call page makes itself heard: a sound, a shake, and push while it is closed.

const WISH = "oncall-sound";     // in sessionStorage: sound was wanted before a reload
const OWNER = "oncall-alerts";   // in localStorage: whose alerts this browser gets
const NOTES = [880, 660, 880, 660, 880, 1175];  // Hz
const LONG = 0.18;               // s of a note

let audio = null;

// -- sound --------------------------------------------------------------------------------------------

export const soundIsOn = () => audio?.state === "running";

/** Browsers play nothing before a touch: call it from one. */
export async function turnSoundOn() {
  try {
    audio ??= new AudioContext();
    await audio.resume();
    sessionStorage.setItem(WISH, "on");
  } catch { /* no sound in this browser, or nothing is kept */ }
  return soundIsOn();
}

export async function turnSoundOff() {
  await audio?.suspend();
  sessionStorage.removeItem(WISH);
}

/** After a reload the wish is still there; the first touch of anything fulfils it. */
export function soundWithFirstTouch(then) {
  try {
    if (!sessionStorage.getItem(WISH)) return;
  } catch {
    return;
  }
  const first = new AbortController();
  for (const kind of ["pointerup", "keydown"]) {
    addEventListener(kind, async () => { first.abort(); await turnSoundOn(); then(); }, { signal: first.signal });
  }
}

export function play(notes = NOTES) {
  if (!soundIsOn()) return;
  notes.forEach((pitch, index) => {
    const start = audio.currentTime + index * LONG * 1.15;
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.type = "triangle";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.7, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + LONG);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + LONG);
  });
}

/** Somebody is needed: everything that makes a noise. Browsers shake only once somebody has touched the page. */
export function ring() {
  play();
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 150, 300, 150, 600]);
}

// -- push ---------------------------------------------------------------------------------------------

const possible = () => "serviceWorker" in navigator && "PushManager" in self && "Notification" in self;

const bytes = (key) => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

async function worker() {
  await navigator.serviceWorker.register("/oncall/worker.js", { scope: "/oncall" });
  return navigator.serviceWorker.ready;
}

/** hidden | off | on | blocked */
export async function pushStanding(key, owner) {
  if (!key || !possible()) return "hidden";
  if (Notification.permission === "denied") return "blocked";
  const here = await navigator.serviceWorker.getRegistration("/oncall");
  const subscription = await here?.pushManager.getSubscription();
  return subscription && localStorage.getItem(OWNER) === owner ? "on" : "off";
}

/** Ask for permission and subscribe; `keep` tells the service. Throws where one of them says no. */
export async function turnPushOn(key, owner, keep) {
  if (await Notification.requestPermission() !== "granted") throw new Error("blocked");
  const here = await worker();
  const old = await here.pushManager.getSubscription();
  await old?.unsubscribe();  // it may be of an older key
  const made = await here.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  await keep(made.toJSON());
  localStorage.setItem(OWNER, owner);
}

/** The push service forgets this browser, and tells ours so. */
export async function turnPushOff() {
  localStorage.removeItem(OWNER);
  const here = await navigator.serviceWorker.getRegistration("/oncall");
  const subscription = await here?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

export function onPush(then) {
  navigator.serviceWorker?.addEventListener("message", then);
}
