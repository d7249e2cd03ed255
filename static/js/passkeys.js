/* Passkeys: asks the browser for one and sends what it gives with the form around it. */

import { text } from "./texts.js";

const NUMBERS = /^(\d+\.){3}\d+$|^\[/;

function bytes(word) {
  return Uint8Array.from(atob(word.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function word(buffer) {
  const signs = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** What the server sent, with bytes where the browser wants bytes. */
function decoded(options) {
  const known = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: known(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: known(options.allowCredentials) }),
  };
}

/** What the browser gave, in letters. */
function encoded(credential) {
  const answer = credential.response;
  const response = { clientDataJSON: word(answer.clientDataJSON) };
  if (answer.attestationObject) {
    response.attestationObject = word(answer.attestationObject);
    response.transports = answer.getTransports?.() ?? [];
  } else {
    response.authenticatorData = word(answer.authenticatorData);
    response.signature = word(answer.signature);
    response.userHandle = answer.userHandle ? word(answer.userHandle) : null;
  }
  return {
    type: credential.type,
    id: credential.id,
    rawId: word(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error("passkey_unreachable");
  return (await answer.json()).request_options;
}

/** A passkey that is to do without a password must know its owner and be found without a name. */
function alone(publicKey, yes) {
  const selection = { ...publicKey.authenticatorSelection, residentKey: yes ? "required" : "discouraged", requireResidentKey: yes };
  if (yes) selection.userVerification = "required";
  return { ...publicKey, authenticatorSelection: selection };
}

async function ask(form) {
  const publicKey = decoded((await options(form)).publicKey);
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey });
  return navigator.credentials.create({ publicKey: alone(publicKey, form.elements.passwordless?.checked ?? false) });
}

function hindrance() {
  if (NUMBERS.test(location.hostname)) return text("passkey_number", { name: `http://localhost${location.port && `:${location.port}`}` });
  return window.PublicKeyCredential ? "" : text("passkey_missing");
}

function say(form, words) {
  const line = form.querySelector("[data-passkey-error]");
  line.textContent = words;
  line.hidden = !words;
}

async function send(form) {
  const why = hindrance();
  say(form, why);
  if (why) return;
  try {
    form.elements.credential.value = JSON.stringify(encoded(await ask(form)));
    form.submit();
  } catch (error) {
    say(form, text(error.message === "passkey_unreachable" || error instanceof TypeError ? "passkey_unreachable" : "passkey_failed"));
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.querySelector("[data-passkey-go]").addEventListener("click", () => send(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
