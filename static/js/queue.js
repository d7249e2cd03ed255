/* Subjects to come. Asks for more before it runs dry and has the next image ready.
   fetchPage(): promise of {ok, results}. preload(subject): starts loading its image. */

export class Queue {
  constructor({ fetchPage, preload, first = null, low = 3 }) {
    Object.assign(this, { fetchPage, preload, low, items: [], seen: new Set(), filling: null, ended: false, failed: false });
    if (first) this.#take([first]);
  }

  #take(results) {
    const fresh = results.filter((subject) => !this.seen.has(subject.id));
    for (const subject of fresh) this.seen.add(subject.id);
    this.items.push(...fresh);
    for (const subject of this.items.slice(0, 2)) this.preload(subject);
    return fresh.length;
  }

  /** Ask for more, once at a time. */
  fill() {
    this.filling ??= this.#ask().finally(() => (this.filling = null));
    return this.filling;
  }

  async #ask() {
    const { ok, results } = await this.fetchPage();
    this.failed = !ok;
    this.ended = ok && this.#take(results) === 0;
  }

  /** The next subject, or null where nothing is left (or nothing came: see failed). */
  async next() {
    if (!this.items.length) await this.fill();
    const subject = this.items.shift() ?? null;
    if (subject && this.items.length < this.low && !this.ended) this.fill();
    if (this.items.length) this.preload(this.items[0]);
    return subject;
  }

  /** Put subjects back in front: the first of them comes next. */
  putBack(...subjects) {
    this.items.unshift(...subjects);
  }
}
