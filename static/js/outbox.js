/* Answers that the site has not yet stored. They outlive the page; each is sent until stored or taken back.
   storage: like localStorage. send(entry): promise of {kind: "stored" | "refused" | "retry", status, data, reason, retryAfter}.
   When the site asks to slow down (429), nothing more is sent until the time it names is over. */

const KEY = "hunter.outbox";
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60000;

export class Outbox extends EventTarget {
  constructor({ storage, send, later = (run, ms) => setTimeout(run, ms) }) {
    super();
    Object.assign(this, { storage, send, later, flushing: null, sending: null, waiting: false, held: false, waitMs: FIRST_WAIT_MS });
  }

  /** All entries, oldest first: {id, url, body, tries, refused}. */
  entries() {
    try {
      return JSON.parse(this.storage.getItem(KEY) ?? "[]");
    } catch {
      return [];
    }
  }

  #write(entries) {
    this.storage.setItem(KEY, JSON.stringify(entries));
    this.dispatchEvent(new Event("change"));
  }

  /** Keep a body for sending. */
  add(url, body) {
    this.#write([...this.entries(), { id: body.id, url, body, tries: 0, refused: null }]);
  }

  /** Take an entry out; false where it is not there or on its way at this moment. */
  remove(id) {
    const entries = this.entries();
    if (this.sending === id || !entries.some((entry) => entry.id === id)) return false;
    this.#write(entries.filter((entry) => entry.id !== id));
    return true;
  }

  #update(id, change) {
    this.#write(this.entries().map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  /** Send all that waits, one after the other. Calls while it runs share that run. */
  flush() {
    if (this.held) return Promise.resolve();
    this.flushing ??= this.#run();
    return this.flushing;
  }

  async #run() {
    await null; // so that `flushing` is set before it is cleared
    const tried = new Set();
    let failed = false;
    for (;;) {
      const entry = this.entries().find((each) => each.refused === null && !tried.has(each.id));
      if (!entry) break;
      tried.add(entry.id);
      const { kind, status, retryAfter } = await this.#sendOne(entry);
      failed ||= kind === "retry";
      this.held = status === 429;
      if (this.held) this.waitMs = Math.max(1000 * (retryAfter ?? 0), this.waitMs);
      if (this.held || (kind === "retry" && !status)) break;
    }
    this.flushing = null;
    if (failed) this.#tryLater();
    else this.waitMs = FIRST_WAIT_MS;
  }

  #tryLater() {
    if (this.waiting) return;
    this.waiting = true;
    this.later(() => {
      this.waiting = this.held = false;
      this.flush();
    }, this.waitMs);
    this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS);
  }

  async #sendOne(entry) {
    this.sending = entry.id;
    const result = await this.send(entry);
    this.sending = null;
    if (result.kind === "stored") this.remove(entry.id);
    else this.#update(entry.id, { tries: entry.tries + 1, refused: result.kind === "refused" ? result.reason || "-" : null });
    this.dispatchEvent(new CustomEvent(result.kind, { detail: { entry, ...result } }));
    return result;
  }

  /** Try refused ones once more, too. */
  retryAll() {
    this.#write(this.entries().map((entry) => ({ ...entry, refused: null })));
    this.waitMs = FIRST_WAIT_MS;
    this.held = false;
    return this.flush();
  }
}

/** Storage that works where localStorage is forbidden: for as long as the page lives. */
export function memoryStorage() {
  const map = new Map();
  return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value) };
}
