/* A pack: subjects taken along to classify where there is no connection. They are leased for long (a day), and lie on this device
   with their previews (never the 16-bit pixels). A subject leaves the pack when it is answered.
   ask(n): promise of {status, data} from the queue, for a pack of n. mayUse: promise of whether this tab may hand subjects out.
   answered: promise of the ids of subjects whose answer waits in the outbox; a page that was closed right after Done may have left them here.
   Events: change; progress {detail: {done, total, lost}}. */

const AT_ONCE = 3;
const TRIES = 2;

export class Pack extends EventTarget {
  constructor({ kept, workflow, ask, size = 30, mayUse = true, answered = new Set() }) {
    super();
    Object.assign(this, { kept, workflow, ask, size, answered, rows: [], ahead: [], handed: new Set(), taking: null, chosen: false });
    this.ready = Promise.all([this.#load(true), mayUse]).then(([, may]) => {
      this.mayUse = may;
      if (!may) this.ahead = [];
    });
  }

  async #load(isFirst = false) {
    const [found, answered] = await Promise.all([this.kept.rows(this.workflow), this.answered]);
    const rows = found.filter((row) => !answered.has(row.subject.id));
    this.rows = rows.filter((row) => row.pack);
    if (isFirst) this.ahead = rows.filter((row) => !row.pack).map((row) => row.subject); // what an earlier page fetched and nobody answered
    this.dispatchEvent(new Event("change"));
  }

  /** How many are left to classify. */
  get left() {
    return this.rows.length;
  }

  /** When the first of them goes back to others (a Date), or null. An answer that comes later still counts. */
  get until() {
    const times = this.rows.map((row) => Date.parse(row.subject.lease_until)).filter(Number.isFinite);
    return times.length ? new Date(Math.min(...times)) : null;
  }

  has(id) {
    return this.rows.some((row) => row.subject.id === id);
  }

  /** Take subjects along until there are `size`. Promise of {ok, status, data, taken, lost}; calls while it runs share that run. */
  take() {
    this.taking ??= this.#take().finally(() => {
      this.taking = null;
      this.dispatchEvent(new Event("change"));
    });
    return this.taking;
  }

  async #take() {
    await this.ready;
    const { status, data } = await this.ask(Math.max(1, this.size - this.left));
    if (status !== 200) return { ok: false, status, data, taken: 0, lost: 0 };
    const waiting = data.results.filter((subject) => !this.has(subject.id));
    const progress = { done: 0, total: waiting.length, lost: 0 };
    const tell = () => this.dispatchEvent(new CustomEvent("progress", { detail: { ...progress } }));
    const work = async () => {
      for (let subject = waiting.shift(); subject; subject = waiting.shift()) {
        progress[(await this.#keep(subject)) ? "done" : "lost"] += 1;
        tell();
      }
    };
    tell();
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await this.#load();
    return { ok: true, status, data, taken: progress.done, lost: progress.lost };
  }

  async #keep(subject) {
    for (let tried = 0; tried < TRIES; tried += 1) {
      try {
        await this.kept.keep(this.workflow, subject, { pack: true });
        return true;
      } catch {
        /* Once more: a single image fails now and then. */
      }
    }
    return false;
  }

  /** Up to n subjects that were not yet handed to this page. */
  hand(n) {
    if (!this.mayUse) return [];
    const given = this.rows.filter((row) => !this.handed.has(row.subject.id)).slice(0, n);
    for (const row of given) this.handed.add(row.subject.id);
    return given.map((row) => row.subject);
  }

  /** A subject is answered. */
  done(id) {
    const before = this.left;
    this.rows = this.rows.filter((row) => row.subject.id !== id);
    if (this.left < before) this.dispatchEvent(new Event("change"));
    return this.kept.done(this.workflow, id);
  }

  /** Give the pack back: what is left of it goes from this device. */
  async drop() {
    this.rows = [];
    this.chosen = false;
    this.dispatchEvent(new Event("change"));
    await this.kept.sweep((row) => row.pack && row.workflow === this.workflow && row.owner === this.kept.owner);
  }
}

/** A `fetchPage` for the queue that uses what lies on the device: what an earlier page fetched ahead, while its lease lasts, then what the
    site gives; all of it without connection. The pack when it was chosen, without connection, or when the site has nothing else. */
export function withKept(fetchPage, pack, n = 10) {
  return async ({ holding = [] } = {}) => {
    const chosen = pack.chosen ? pack.hand(n) : [];
    if (chosen.length) return { ok: true, results: chosen, gone: [] };
    const [page] = await Promise.all([fetchPage({ holding }), pack.ready]);
    const ahead = pack.ahead.splice(0).filter((subject) => !page.ok || Date.parse(subject.lease_until) > Date.now());
    const results = [...ahead, ...(page.ok ? page.results : [])];
    if (!results.length) results.push(...pack.hand(n));
    return results.length ? { ok: true, results, gone: page.gone ?? [] } : { ...page, results };
  };
}
