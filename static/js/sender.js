/* How an entry of the outbox is sent, from a page or from the service worker.
   A vote belongs to whoever gave it. One of an account goes out only while that account is signed in; one of a visitor goes out for
   whoever has the browser now, as signing in brings a visitor's votes along. After a long time without connection the session or
   its CSRF token may be another one: then both are asked for again before anything is taken for refused. */

import { cookieToken, outcome, reason, request } from "./http.js";

const FRESH_MS = 15 * 60 * 1000;
const MOST_REFUSALS = 4; // of permission, each with a fresh token

/** Who is signed in, and with which token. owner: the account as the page says it, null where it cannot know. */
export class Session {
  constructor({ url, owner = null, token = "", ask = request, cookie = cookieToken, now = () => Date.now() }) {
    Object.assign(this, { url, ask, cookie, now, owner, token, seen: cookie(), at: owner === null ? -Infinity : now() });
  }

  /** Is what we know old, or has somebody signed in or out in another tab? */
  get isStale() {
    return this.now() - this.at > FRESH_MS || this.cookie() !== this.seen;
  }

  /** Ask the site; false where it does not answer. */
  async renew() {
    const { status, data } = await this.ask(this.url);
    if (status !== 200 || typeof data.csrf !== "string") return false;
    Object.assign(this, { owner: data.owner ?? "", token: data.csrf, seen: this.cookie(), at: this.now() });
    return true;
  }
}

/** What an answer means for an entry. Only a receipt says that it is stored, and only a problem document that it never will be:
    the page of a hotel's network has a status, too. A first answer that meets one given elsewhere has nothing to wait for: that one stands. */
export function judge(entry, { status, data }) {
  const kind = outcome(status);
  const isFirst = entry.method === "POST" && !entry.body?.revises;
  if (status === 409 && isFirst && data.existing && data.existing !== entry.id) return "standing";
  if (entry.method === "DELETE" && (status === 404 || status === 410)) return "stored"; // it is gone
  if (kind === "stored") return typeof data.id === "string" ? "stored" : "retry";
  if (kind === "refused") return reason(data) ? "refused" : "retry";
  return [401, 403].includes(status) && entry.tries >= MOST_REFUSALS && reason(data) ? "refused" : "retry";
}

/** A `send` for an Outbox. */
export function makeSender(session, ask = request) {
  const isForeign = (entry) => Boolean(entry.owner) && entry.owner !== session.owner;
  const offline = { kind: "retry", status: 0, data: {}, reason: "", retryAfter: 0 };
  return async (entry) => {
    const post = () => ask(entry.url, { method: entry.method, body: entry.body, token: session.token });
    if ((session.isStale || isForeign(entry)) && !(await session.renew())) return offline;
    if (isForeign(entry)) return { ...offline, kind: "foreign" };
    let answer = await post();
    if ([401, 403].includes(answer.status)) {
      if (!(await session.renew())) return offline;
      if (isForeign(entry)) return { ...offline, kind: "foreign" };
      answer = await post();
    }
    return { kind: judge(entry, answer), ...answer, reason: reason(answer.data) };
  };
}
