/* Answers that the site has not yet stored. They outlive the page; each is sent until stored, refused or taken back.
   table: a promise of where they are kept (see store.js). send(entry): promise of {kind, status, data, reason, retryAfter}; kind is "stored",
   "refused" (the site will never take it: kept, with the reason), "standing" (the person had answered before, elsewhere, and that stands: taken
   out), "retry", or "foreign" (it belongs to another account: left alone).
   journal: a list that is written at once, before the table has answered: a page may be closed in the moment after Done.
   Several tabs and the service worker share one table: `lock(run)` lets one of them send at a time (without locks the site's receipts make
   a second sending harmless), and `channel` tells the others what became of an entry. When the site asks to slow down (429), nothing more
   is sent until the time it names is over.
   Events: change; added {detail: {entry}}; stored, standing, refused, retry {detail: {entry, kind, status, data, reason, retryAfter}}; unsaved {detail: {entry}}. */

export const LOCK = "hunter.outbox"; // the name of the lock and of the channel
export const SYNC = "hunter-outbox"; // what the browser is asked to wake the service worker for
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60000;
const isSettled = ({ kind }) => kind === "stored" || kind === "standing";

/** What the header says of entries: a count, and the name of the words after it; what was refused is counted apart. Pure. */
export function tally(entries) {
  const refused = entries.filter((entry) => entry.refused !== null).length;
  const waiting = entries.length - refused;
  const name = !waiting ? "outbox_word_refused" : refused ? "outbox_word_both" : "outbox_word";
  return { count: waiting || refused, refused, name };
}

export class Outbox extends EventTarget {
  #entries = [];
  #writing = new Set(); // ids on their way into the table
  #removed = new Map(); // taken back here; another tab may be sending one of them at this moment

  constructor({ table, send, journal = null, later = (run, ms) => setTimeout(run, ms), lock = (run) => run(), channel = null, owner = "", now = () => new Date() }) {
    super();
    Object.assign(this, { send, journal, later, lock, channel, owner, now, waitMs: FIRST_WAIT_MS });
    Object.assign(this, { flushing: null, sending: null, elsewhere: null, waiting: false, held: false });
    this.unsaved = new Set(); // ids that are in this window only
    this.ready = Promise.resolve(table).then(async (found) => {
      this.table = found;
      await this.#refresh();
    });
    if (channel) channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** All entries, oldest first: {id, url, method, body, labels, tries, refused, reason, added_at, owner}. */
  entries() {
    return [...this.#entries];
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #tell(message) {
    this.channel?.postMessage(message);
  }

  /** Look at the table again: other tabs write into it, too. */
  async #refresh() {
    const rows = await this.table.all().catch(() => this.#entries);
    const ours = this.#entries.filter(({ id }) => this.#writing.has(id) || this.unsaved.has(id));
    const known = new Set([...this.#removed.keys(), ...ours.map(({ id }) => id)]);
    const theirs = rows.filter(({ id }) => !known.has(id)).map((row) => ({ method: "POST", added_at: "", owner: "", ...row }));
    this.#entries = [...theirs, ...ours].sort((a, b) => (a.added_at < b.added_at ? -1 : Number(a.added_at > b.added_at)));
    this.#changed();
  }

  /** The time, later than that of every other entry, so that it tells their order. */
  #moment() {
    const last = Math.max(0, ...this.#entries.map((entry) => Date.parse(entry.added_at) || 0));
    return new Date(Math.max(this.now().getTime(), last + 1)).toISOString();
  }

  /** Keep a body for sending. The entry counts at once; the promise says whether it will outlive the page. labels: {answer: it in words}. */
  add(url, body, method = "POST", labels = {}) {
    const id = body?.id ?? `${method} ${url}`;
    const entry = { id, url, method, body, labels, tries: 0, refused: null, added_at: this.#moment(), owner: this.owner };
    this.#removed.delete(id);
    this.#entries = [...this.#entries.filter((each) => each.id !== id), entry];
    this.#writing.add(id);
    this.journal?.put(entry).catch(() => {});
    this.#changed();
    this.dispatchEvent(new CustomEvent("added", { detail: { entry } }));
    return this.#save(id);
  }

  /** Write an entry down as it is now. */
  async #save(id) {
    this.#writing.add(id);
    try {
      await this.ready;
      const entry = this.#find(id);
      if (entry) await this.table.put(entry);
      if (!this.#find(id)) await this.table.remove(id); // taken out meanwhile
      this.unsaved.delete(id);
      this.journal?.remove(id);
      return true;
    } catch {
      const entry = this.#find(id);
      if (entry && !this.unsaved.has(id)) {
        this.unsaved.add(id);
        this.dispatchEvent(new CustomEvent("unsaved", { detail: { entry } }));
      }
      return false;
    } finally {
      this.#writing.delete(id);
      this.#tell({ type: "change" });
      this.#changed();
    }
  }

  #find(id) {
    return this.#entries.find((entry) => entry.id === id);
  }

  /** Take an entry out; false where it is not there or on its way at this moment. */
  remove(id) {
    const entry = this.#find(id);
    if (!entry || this.sending === id || this.elsewhere === id) return false;
    this.#removed.set(id, entry);
    this.#drop(id);
    return true;
  }

  #drop(id) {
    this.journal?.remove(id);
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.unsaved.delete(id);
    this.#changed();
    return this.ready.then(() => this.table.remove(id)).then(() => this.#tell({ type: "change" }), () => {});
  }

  #update(id, change) {
    this.#entries = this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
    this.#changed();
    return this.#save(id);
  }

  /** Send all that waits, one after the other. Calls while it runs share that run. */
  flush() {
    if (this.held) return Promise.resolve();
    this.flushing ??= this.#run();
    return this.flushing;
  }

  async #run() {
    try {
      await this.ready;
      if (this.#entries.length) await this.lock(() => this.#sendAll());
    } finally {
      this.flushing = null;
    }
  }

  /** The next one to send: what changes or takes back an entry that still waits has to wait for it. */
  #nextEntry(tried) {
    const waits = (entry) => this.#entries.some((other) => other !== entry && other.refused === null && entry.url.includes(`/${other.id}/`));
    return this.#entries.find((entry) => entry.refused === null && !tried.has(entry.id) && !waits(entry));
  }

  async #sendAll() {
    await this.#refresh(); // another tab may have sent some while this one waited for its turn
    const tried = new Set();
    let failed = false;
    for (;;) {
      const entry = this.#nextEntry(tried);
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
    this.#tell({ type: "sending", id: entry.id });
    let result = await this.send(entry);
    if (result.kind === "standing" && this.#isLeaving(result.data.existing)) result = { ...result, kind: "retry" };
    this.sending = null;
    await this.#settle(entry, result);
    this.#tell({ type: "result", entry, result });
    return result;
  }

  /** Is this vote, which stands on the site, being taken back? Then another one may take its place in a moment. */
  #isLeaving(id) {
    return this.#entries.some(({ method, url, refused }) => method === "DELETE" && refused === null && url.includes(`/${id}/`));
  }

  /** Note what became of an entry, and tell the page. */
  #settle(entry, result) {
    let written = null;
    if (isSettled(result)) written = this.#drop(entry.id);
    else if (result.kind !== "foreign") {
      const refused = result.kind === "refused" ? result.reason || "-" : null;
      written = this.#update(entry.id, { tries: entry.tries + 1, refused, reason: result.reason ?? "" });
    }
    this.dispatchEvent(new CustomEvent(result.kind, { detail: { entry, ...result } }));
    return written;
  }

  #hear(message) {
    if (message.type === "sending") this.elsewhere = message.id;
    else if (message.type === "result") this.#heardResult(message);
    else this.ready.then(() => this.#refresh());
  }

  /** Another tab has sent an entry: its receipt may be what this page waits for. */
  #heardResult({ entry, result }) {
    this.elsewhere = null;
    const { id } = entry;
    if (this.#removed.has(id)) {
      if (result.kind === "stored" && entry.method === "POST") this.add(`${entry.url}${id}/`, {}, "DELETE").then(() => this.flush());
      return;
    }
    if (isSettled(result)) this.#entries = this.#entries.filter((each) => each.id !== id);
    this.dispatchEvent(new CustomEvent(result.kind, { detail: { entry, ...result } }));
    this.ready.then(() => this.#refresh());
  }

  /** Try again at once what was refused: that entry, or all. */
  async retryAll(id = null) {
    await this.ready;
    for (const entry of this.#entries) if (entry.refused !== null && (id === null || entry.id === id)) await this.#update(entry.id, { refused: null });
    this.waitMs = FIRST_WAIT_MS;
    this.held = false;
    return this.flush();
  }
}
