// The console's door: show the password, take the token out of a link's address, ask authenticators. Without it, all but
// passkeys works.
import { toMake, toSend, toUse } from "./passkey.js";

// -- small things -------------------------------------------------------------------------------------
for (const button of document.querySelectorAll("[data-show]")) {
  const field = document.getElementById(button.dataset.show);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const lines = [...document.getElementById(button.dataset.copy).children].map((line) => line.textContent.trim());
    await navigator.clipboard.writeText(lines.join("\n"));
    button.textContent = button.dataset.done;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// -- a link: its token stands behind the #, which no server sees -------------------------------------------
const link = document.querySelector("[data-link]");
function readToken() {
  const token = location.hash.slice(1);
  if (!link || !token) return;
  history.replaceState(null, "", location.pathname);
  link.elements.token.value = token;
  link.querySelector("[data-link-field]").hidden = true;
}
readToken();
addEventListener("hashchange", readToken);

// -- passkeys ------------------------------------------------------------------------------------------------
async function options(form) {
  const headers = form.elements.csrf ? { "X-CSRF": form.elements.csrf.value } : {};
  const answer = await fetch(form.dataset.options, { method: "POST", headers });
  if (answer.redirected) location.assign(answer.url);  // signed out meanwhile, or a proof is wanted first
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
const ask = {
  use: async (form) => navigator.credentials.get({ publicKey: toUse(await options(form)) }),
  make: async (form) => navigator.credentials.create({ publicKey: toMake(await options(form)) }),
};
function ready(form) {
  const line = form.querySelector("[data-said]");
  let busy = false;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    line.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(toSend(await ask[form.dataset.webauthn](form)));
      form.submit();
    } catch (error) {
      line.textContent = error.name === "InvalidStateError" ? line.dataset.known : line.dataset.failed;
      busy = false;
    }
  });
}
if (window.PublicKeyCredential) document.querySelectorAll("[data-webauthn]").forEach(ready);
