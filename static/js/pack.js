/* A pack: subjects taken along to classify where there is no connection. They are leased for long (a day), and lie on this device
   with their previews (never the 16-bit pixels). A subject leaves the pack when it is answered.
   ask(n): promise of {status, data} from the queue, for a pack of n. Events: change; progress {detail: {done, total}}. */

const AT_ONCE = 3;
const TRIES = 2;

export class Pack extends EventTarget {
  constructor({ kept, workflow, ask, size = 30, now = () => Date.now() }) {
    super();
    Object.assign(this, { kept, workflow, ask, size, now, rows: [], handed: new Set(), taking: null });
    this.ready = this.#load();
  }

  async #load() {
    this.rows = (await this.kept.rows(this.workflow)).filter((row) => row.pack);
    this.dispatchEvent(new Event("change"));
  }

  /** How many are left to classify. */
  get left() {
    return this.rows.length;
  }

  /** When the first of them goes back to others (a Date), or null. A vote that comes later still counts. */
  get until() {
    const times = this.rows.map((row) => Date.parse(row.subject.lease_until)).filter(Number.isFinite);
    return times.length ? new Date(Math.min(...times)) : null;
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
    const waiting = [...data.results];
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
    this.dispatchEvent(new Event("change"));
    await this.kept.sweep((row) => row.pack && row.workflow === this.workflow && row.owner === this.kept.owner);
  }
}

/** A `fetchPage` for the queue that falls back on the pack: without connection, where nothing else is left, or first of all when chosen. */
export function withPack(fetchPage, pack, n = 10) {
  return async (asked) => {
    await pack.ready;
    const first = pack.chosen ? pack.hand(n) : [];
    if (first.length) return { ok: true, results: first, gone: [] };
    const page = await fetchPage(asked);
    if (page.ok && page.results.length) return page;
    const results = pack.hand(n);
    return results.length ? { ok: true, results, gone: page.gone ?? [] } : page;
  };
}
