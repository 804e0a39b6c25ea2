// What a secure page does beside plain forms: takes the token out of the shell's address, warns before the page closes
// by itself, leads to what is wrong, makes photos small. Nothing is ever put into storage.
"use strict";

const TOKEN = /^[A-Za-z0-9_-]{20,60}$/;
const WARNING = 120;     // seconds between the warning and the end
const TWICE = 3000;      // ms in which a second tap on a button is the same tap
const LONGEST = 2048;    // pixels; what a photo needs to show, and a phone on 3G can send
const MOST_PHOTOS = 3;
const KINDS = new Set(["image/jpeg", "image/png", "image/webp"]);  // what the clinic takes

const $ = (id) => document.getElementById(id);

/** A page that the browser kept in memory may have been closed meanwhile: ask again. */
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

/** Whose phone speaks Spanish reads it first where a page stands in both languages. */
function putSpanishFirst() {
  document.documentElement.lang = "es";
  for (const both of document.querySelectorAll(".both")) both.append(...[...both.children].reverse());
}

// -- the shell ----------------------------------------------------------------------------------------

function readToken() {
  const token = location.hash.slice(1);
  const whole = TOKEN.test(token);
  if (location.hash) history.replaceState(null, "", location.pathname);
  const field = document.querySelector("#shell-open [name=token]");
  if (whole) field.value = token;
  const ready = whole || TOKEN.test(field.value);
  $("shell-open").hidden = !ready;
  $("shell-incomplete").hidden = ready;
  $("shell-wait").hidden = true;
}

function startShell() {
  document.querySelector("#shell-open [name=token]").value = "";  // a browser may give back what it held before
  readToken();
  addEventListener("hashchange", readToken);
}

// -- the page closes by itself ------------------------------------------------------------------------

function watchTime(dialog) {
  const here = dialog.dataset.here;
  const life = Number(dialog.dataset.seconds) * 1000;
  const warn = Math.min(WARNING * 1000, life / 2);
  const [form, count, failed] = ["form", ".count", ".fault"].map((part) => dialog.querySelector(part));
  const others = "BroadcastChannel" in self ? new BroadcastChannel(`stay ${here}`) : null;  // this page in another tab
  let end = Date.now() + life;

  const renew = () => {
    end = Date.now() + life;
    failed.hidden = true;
    dialog.close?.();
    dialog.removeAttribute("open");
  };
  const show = () => {
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute("open", "");
  };
  const look = () => {
    const left = end - Date.now();
    if (left <= 0) location.replace(here);
    else if (left <= warn) {
      if (!dialog.hasAttribute("open")) show();
      const seconds = Math.ceil(left / 1000);
      count.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  };
  const stay = async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: "POST", headers: { "X-Requested-With": "careline" }, body: new URLSearchParams(new FormData(form)),
      });
      if (answer.ok) {
        renew();
        others?.postMessage("stay");
      } else location.replace(here);
    } catch {
      failed.hidden = false;
    }
  };
  form.addEventListener("submit", stay);
  dialog.addEventListener("cancel", stay);  // the Escape key
  others?.addEventListener("message", renew);
  others?.postMessage("stay");              // opening a page counts as a touch
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);  // a phone in a pocket stops the timer
}

// -- forms --------------------------------------------------------------------------------------------

/** A second tap while the first is on its way sends nothing. */
function sendOnce(form) {
  let last = 0;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (Date.now() - last < TWICE) event.preventDefault();
    else last = Date.now();
  });
}

/** The photo with its longest side cut down, as JPEG; itself where this browser can't read it. */
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.round(side * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    return blob && (blob.size < file.size || !KINDS.has(file.type)) ? new File([blob], "photo.jpg", { type: blob.type }) : file;
  } catch {
    return file;
  }
}

async function shrink({ target: input }) {
  const chosen = [...input.files];
  const small = await Promise.all(chosen.slice(0, input.multiple ? MOST_PHOTOS : 1).map(smaller));
  if (input.files.length !== chosen.length || chosen.some((file, index) => file !== input.files[index])) return;
  const list = new DataTransfer();
  small.forEach((file) => list.items.add(file));
  input.files = list.files;
}

function showPin(box) {
  box.parentElement.hidden = false;
  box.addEventListener("change", () => {
    for (const id of box.dataset.shows.split(" ")) $(id).type = box.checked ? "text" : "password";
  });
}

// -- start --------------------------------------------------------------------------------------------

if (navigator.language?.startsWith("es") && document.querySelector(".both")) putSpanishFirst();
if ($("shell")) startShell();
if ($("idle")) watchTime($("idle"));
$("summary")?.focus();
document.querySelectorAll("form").forEach(sendOnce);
document.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", shrink));
document.querySelectorAll("[data-shows]").forEach(showPin);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
