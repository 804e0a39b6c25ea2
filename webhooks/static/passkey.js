// Fingerprint or face instead of the birth date (WebAuthn): shows its buttons where this phone can do it, and asks it.
// A module, so that its names are its own. Without it, or without such a phone, nothing of it shows.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (each = []) => each.map((one) => ({ ...one, id: bytes(one.id) }));

/** What the server wants, as the browser takes it; by hand where the browser can't read JSON itself. */
export function toMake(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return { ...json, challenge: bytes(json.challenge), user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: listed(json.excludeCredentials) };
}

export function toUse(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return { ...json, challenge: bytes(json.challenge), allowCredentials: listed(json.allowCredentials) };
}

/** What the phone gave, as the server takes it. */
export function toSend({ id, rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return { id, rawId: text(rawId), type, response: Object.fromEntries(given) };
}

async function post(part, what, more = {}) {
  const answer = await fetch(`${part.dataset.passkey}/passkey/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ csrf: part.dataset.csrf, ...more }),
  });
  if (answer.status === 410 || answer.status === 403) location.replace(part.dataset.passkey);  // closed meanwhile
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function use(part) {
  const publicKey = toUse(await post(part, "options"));
  await post(part, "authenticate", { credential: toSend(await navigator.credentials.get({ publicKey })) });
  location.replace(part.dataset.passkey);
  return new Promise(() => {});  // the page goes: nothing more to tap
}

async function make(part) {
  const publicKey = toMake(await post(part, "options"));
  await post(part, "register", { credential: toSend(await navigator.credentials.create({ publicKey })) });
  part.querySelector("button").hidden = true;
  return part.dataset.done;
}

/** A tap: one at a time; what came of it is said in the part's own line. */
function ready(part) {
  const [button, line] = [part.querySelector("button"), part.querySelector("[role]")];
  const act = part.dataset.done ? make : use;
  let busy = false;
  part.hidden = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    line.textContent = "";
    try {
      line.textContent = await act(part);
    } catch (error) {
      line.textContent = error.name === "InvalidStateError" ? part.dataset.known : part.dataset.failed;
    }
    busy = false;
  });
}

const parts = document.querySelectorAll("[data-passkey]");
if (parts.length && window.PublicKeyCredential && await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()) {
  parts.forEach(ready);
}
