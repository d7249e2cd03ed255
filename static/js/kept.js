/* Subjects that are kept on this device: those that the queue has fetched ahead, and packs that were taken along.
   Rows {key, owner, workflow, subject, pack, at} lie in the database, their previews in the cache of the service worker (worker.js), which
   gives them to the page when there is no connection. Nothing of an account stays once another one is signed in. */

import { IMAGES } from "./worker-names.js";

/** The images that a subject is shown with: the 8-bit previews of its frames. */
export const previews = (subject) => subject.frames.map((frame) => frame.preview);

export class Kept {
  /** owner: who is here (see owner.js). */
  constructor({ table, caches = globalThis.caches, fetch = globalThis.fetch?.bind(globalThis), owner = "", now = () => new Date() }) {
    Object.assign(this, { table: Promise.resolve(table), caches, fetch, owner, now, coming: new Set(), packed: new Set(), settled: new Set() });
  }

  /** The rows of a workflow that belong to whoever is here, oldest first. */
  async rows(workflow) {
    const rows = await (await this.table).all().catch(() => []);
    const ours = rows.filter((row) => row.workflow === workflow && row.owner === this.owner);
    return ours.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  }

  /** Keep a subject with its images; fails where an image does not come or the device is full. */
  async keep(workflow, subject, { pack = false } = {}) {
    const key = `${workflow} ${subject.id}`;
    if (pack) this.packed.add(key);
    this.coming.add(subject); // its images are no litter while its row is not yet written
    try {
      await this.#keepImages(subject);
      const table = await this.table;
      /* Meanwhile it may have been answered, or what the queue fetched ahead may have become part of a pack. */
      if (this.settled.has(key) || (!pack && this.packed.has(key))) return;
      await table.put({ key, owner: this.owner, workflow, subject, pack, at: this.now().toISOString() });
    } finally {
      this.coming.delete(subject);
    }
  }

  async #keepImages(subject) {
    if (!this.caches) throw new Error("This browser keeps no images.");
    const cache = await this.caches.open(IMAGES);
    for (const url of previews(subject)) {
      if (await cache.match(url)) continue;
      const answer = await this.fetch(url, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      await cache.put(url, answer);
    }
  }

  /** A subject is settled; its images go with the next `sweep`. */
  async done(workflow, id) {
    this.settled.add(`${workflow} ${id}`);
    await (await this.table).remove(`${workflow} ${id}`).catch(() => {});
  }

  /** Remove the rows that `unwanted` says, and the images that no row needs any more. */
  async sweep(unwanted = () => false) {
    const table = await this.table;
    const needed = new Set();
    const need = (subject) => previews(subject).forEach((url) => needed.add(new URL(url, location.href).href));
    for (const row of await table.all().catch(() => [])) {
      if (unwanted(row)) await table.remove(row.key);
      else need(row.subject);
    }
    const cache = await this.caches?.open(IMAGES);
    for (const request of (await cache?.keys()) ?? []) {
      this.coming.forEach(need);
      if (!needed.has(request.url)) await cache.delete(request);
    }
  }

  /** Somebody else is here than before. */
  async takeOver(before) {
    const table = await this.table;
    await this.sweep((row) => row.owner && row.owner !== this.owner);
    if (!before) for (const row of await table.all()) await table.put({ ...row, owner: this.owner });
  }
}
