/* The lab's forms: buttons that add and take away change the form where it stands, an answer's key follows its label until one writes it
   oneself, and nobody leaves unsaved work by mistake. */

import { makeKey } from "./answer-key.js";

const FORM = "[data-lab-form]";

function isUnsaved() {
  return Boolean(document.querySelector(`${FORM}[data-unsaved]`));
}

function leave(event) {
  if (isUnsaved()) event.preventDefault();
}

/** Send the form with the button's word and put the answer's editor in place of this one; the server says what is focused. */
async function act(form, button) {
  const data = new FormData(form);
  data.append(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("lab-editor");
  if (!fresh) throw new Error(`no editor in the answer (${answer.status})`);
  const place = document.getElementById("lab-editor");
  place.replaceWith(fresh);
  window.htmx?.process(fresh);
  const target = fresh.querySelector("[autofocus]") ?? fresh.querySelector(`[value="${CSS.escape(button.value)}"]`) ?? fresh.querySelector(FORM);
  if (target.matches(FORM)) target.tabIndex = -1;
  target.focus({ preventScroll: false });
}

async function press(event) {
  const button = event.target.closest("button[data-lab-act]");
  if (!button) return;
  event.preventDefault();
  const form = button.form;
  form.setAttribute("aria-busy", "true");
  try {
    await act(form, button);
  } catch {
    /* Without an answer the plain way says what is wrong. */
    form.removeAttribute("data-unsaved");
    button.removeAttribute("data-lab-act");
    button.click();
  }
}

/** A key that was empty when its label was begun follows it. */
function name(label) {
  const keys = [...label.closest("ol").querySelectorAll("[data-answer-key]")];
  const key = label.closest("li").querySelector("[data-answer-key]");
  if (key.value && !("follows" in key.dataset)) return;
  key.dataset.follows = "";
  key.value = makeKey(label.value, keys.filter((other) => other !== key).map((other) => other.value));
}

function typed({ target }) {
  target.closest(FORM)?.setAttribute("data-unsaved", "");
  if (target.matches("[data-answer-label]")) name(target);
  else if (target.matches("[data-answer-key]")) delete target.dataset.follows;
}

function sent(event) {
  event.target.removeAttribute("data-unsaved");
}

document.addEventListener("input", typed);
document.addEventListener("click", press);
document.addEventListener("submit", sent);
window.addEventListener("beforeunload", leave);
