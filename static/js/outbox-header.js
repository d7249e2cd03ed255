/* The one outbox of the page, with its count in the header and its list in the dialog. */

import { outcome, reason, request } from "./http.js";
import { memoryStorage, Outbox } from "./outbox.js";
import { text } from "./texts.js";

function storage() {
  try {
    localStorage.setItem("hunter.probe", "1");
    return localStorage;
  } catch {
    return memoryStorage();
  }
}

async function send(entry) {
  const { status, data, retryAfter } = await request(entry.url, { method: "POST", body: entry.body });
  return { kind: outcome(status), status, data, reason: reason(data), retryAfter };
}

export const outbox = new Outbox({ storage: storage(), send });

function item(entry) {
  const line = document.createElement("li");
  line.className = "toast";
  const words = document.createElement("p");
  const values = { subject: entry.body.subject, reason: entry.refused };
  words.textContent = text(entry.refused === null ? "outbox_waiting" : "outbox_refused", values);
  line.append(words);
  if (entry.refused !== null) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = text("discard");
    button.addEventListener("click", () => outbox.remove(entry.id));
    line.append(button);
  }
  return line;
}

function draw() {
  /* An answer on its first try is no news; once one had to wait, all that wait are counted. */
  const entries = outbox.entries();
  const waiting = entries.some((entry) => entry.tries > 0) ? entries : [];
  const button = document.querySelector("[data-outbox-button]");
  if (!button) return;
  button.hidden = waiting.length === 0;
  button.querySelector("[data-outbox-count]").textContent = waiting.length;
  document.querySelector("[data-outbox-list]").replaceChildren(...waiting.map(item));
}

/** Show the count, and send what an earlier page left. */
export function start() {
  outbox.addEventListener("change", draw);
  window.addEventListener("storage", draw);
  window.addEventListener("online", () => outbox.flush());
  document.querySelector("[data-outbox-send]")?.addEventListener("click", () => outbox.retryAll());
  draw();
  outbox.flush();
}
