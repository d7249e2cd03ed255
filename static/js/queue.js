/* Subjects to come. Asks for more before it runs dry and has the next images ready. No subject comes twice, but those put back.
   fetchPage({holding}): promise of {ok, results, gone}; holding: serves that wait here; gone: those of them that nobody wants any more.
   preload(subject): makes its image ready (a promise, or nothing). first: the subject that the page brought; more: others that are here already.
   isDone(subject): was it answered, without the site or this page knowing? ready: promise of when that can be said.
   low: asks for more below so many; ahead: so many have their images ready. */

const AT_ONCE = 2; // images on their way, so that the nearest comes first on a slow line; the very first one comes alone

export class Queue {
  constructor({ fetchPage, preload, first = null, more = [], low = 5, ahead = 5, isDone = () => false, ready = null, now = () => Date.now() }) {
    Object.assign(this, { fetchPage, preload, low, ahead, isDone, ready, now, items: [], filling: null, ended: false, failed: false });
    Object.assign(this, { seen: new Set(), prepared: new Set(), loading: 0, most: first ? 1 : AT_ONCE, asked: new Map() });
    this.#take([...(first ? [first] : []), ...more]);
    if (first) this.asked.set(first.serve, now()); // the page has just brought it
  }

  #take(results) {
    const fresh = results.filter((subject) => !this.seen.has(subject.id) && this.seen.add(subject.id));
    this.items.push(...fresh);
    this.#prepare();
    return fresh.length;
  }

  /** Make the next images ready, the nearest first. */
  #prepare() {
    while (this.loading < this.most) {
      const subject = this.items.slice(0, this.ahead).find(({ id }) => !this.prepared.has(id));
      if (!subject) return;
      this.prepared.add(subject.id);
      this.loading += 1;
      Promise.resolve(this.preload(subject))
        .catch(() => {}) // it is loaded again when it is shown
        .finally(() => {
          this.loading -= 1;
          this.most = AT_ONCE;
          this.#prepare();
        });
    }
  }

  /** Ask for more, once at a time. */
  fill() {
    this.filling ??= this.#ask().finally(() => (this.filling = null));
    return this.filling;
  }

  async #ask() {
    const holding = this.items.map(({ serve }) => serve).filter(Boolean);
    const { ok, results, gone = [] } = await this.fetchPage({ holding });
    this.failed = !ok;
    if (!ok) return;
    for (const serve of holding) this.asked.set(serve, this.now());
    this.drop(gone);
    this.ended = this.#take(results) === 0;
  }

  /** Take these serves out of the queue: somebody else has settled them. */
  drop(serves) {
    const gone = new Set(serves);
    this.items = this.items.filter(({ serve }) => !gone.has(serve));
    this.#prepare();
  }

  /** Is the lease of the next one over, without the site having been asked since? */
  get #isStale() {
    const [next] = this.items;
    const until = Date.parse(next?.lease_until ?? "");
    return until < this.now() && (this.asked.get(next.serve) ?? -Infinity) < until;
  }

  /** The next subject, or null where nothing is left (or nothing came: see failed). */
  async next() {
    await this.ready;
    this.items = this.items.filter((subject) => !this.isDone(subject));
    if (!this.items.length || this.#isStale) await this.fill();
    const subject = this.items.shift() ?? null;
    if (subject && this.items.length < this.low && !this.ended) this.fill();
    this.#prepare();
    return subject;
  }

  /** Put subjects back in front: the first of them comes next. */
  putBack(...subjects) {
    this.items.unshift(...subjects);
  }
}
