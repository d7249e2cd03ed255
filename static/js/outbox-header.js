/* The one outbox of the page, with its count in the header. */

import { cookieToken } from "./http.js";
import { LOCK, Outbox, SYNC, tally } from "./outbox.js";
import { OutboxList } from "./outbox-list.js";
import { isLive, owner } from "./owner.js";
import { makeSender, Session } from "./sender.js";
import { outboxJournal, outboxTable } from "./store.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";

const LOCK_MS = 30000; // a tab that sleeps with the lock in hand must not stop the others
const NEWS_MS = 4000; // an answer that is on its way for so long is waiting

function lock(run) {
  if (!navigator.locks) return run();
  let began = false;
  const once = () => {
    began = true;
    return run();
  };
  return navigator.locks.request(LOCK, { signal: AbortSignal.timeout(LOCK_MS) }, once).catch((error) => (began ? Promise.reject(error) : once()));
}

const body = document.body;
const session = new Session({ url: body.dataset.session, owner: isLive ? owner : null, token: cookieToken() || body.dataset.csrf });

export const outbox = new Outbox({
  table: outboxTable(),
  journal: outboxJournal(),
  send: makeSender(session),
  lock,
  channel: globalThis.BroadcastChannel ? new BroadcastChannel(LOCK) : null,
  owner,
});

function waiting() {
  /* An answer on its first try is no news; once one had to wait, all that wait are counted. */
  const entries = outbox.entries();
  const late = new Date(Date.now() - NEWS_MS).toISOString();
  return entries.some(({ tries, added_at, id }) => tries > 0 || added_at < late || outbox.unsaved.has(id)) ? entries : [];
}

let list = null;

function draw() {
  const entries = waiting();
  const button = document.querySelector("[data-outbox-button]");
  if (!button) return;
  const { count, refused, name } = tally(entries);
  button.hidden = entries.length === 0;
  button.classList.toggle("is-refused", refused > 0);
  const word = text(name, { refused });
  button.querySelector("[data-outbox-count]").textContent = count;
  button.querySelector("[data-outbox-word]").textContent = word; // not shown on a phone
  button.setAttribute("aria-label", `${count} ${word}`);
  list?.draw(entries);
}

/** Ask the browser to send what waits even when no page is open. */
async function sendLater() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => null);
  await registration?.sync?.register(SYNC).catch(() => {});
}

function warn(event) {
  if (outbox.entries().some(({ id }) => outbox.unsaved.has(id))) event.preventDefault();
}

/** Show the count, and send what an earlier page left. */
export function start() {
  const root = document.querySelector("[data-outbox]");
  list = root && new OutboxList(root, outbox);
  outbox.addEventListener("change", draw);
  outbox.addEventListener("change", () => setTimeout(draw, NEWS_MS + 100));
  outbox.addEventListener("retry", ({ detail }) => detail.status || sendLater());
  outbox.addEventListener("standing", () => toast.show(text("outbox_standing")));
  outbox.addEventListener("unsaved", () => toast.show(text("outbox_unsaved"), "error"));
  window.addEventListener("beforeunload", warn);
  window.addEventListener("online", () => outbox.flush());
  document.addEventListener("visibilitychange", () => document.hidden || outbox.flush());
  outbox.ready.then(() => {
    draw();
    outbox.flush();
  });
}
