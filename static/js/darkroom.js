/* The main thread's side of the darkroom: asks the worker for pictures of plates, and puts them on. Per plate only the newest wish
   counts, and one picture is made at a time, so that a drag never queues up stale ones.
   Events: "loaded" {detail: {plate}} (its pixels are there), "painted" {detail: {plate}}, "failed" {detail: {plate}} (16 bits did not come). */

const keyOf = (plate) => plate.frame.preview;

const TOLD = {
  loaded: (room, data) => room.loaded(data),
  failed: (room, data) => room.failed(data),
  drawn: (room, data) => room.drawn(data),
  missing: (room) => room.missing(),
  value: (room, data) => room.answered(data),
};

export class Darkroom extends EventTarget {
  constructor(url) {
    super();
    Object.assign(this, { url, plates: new Map(), wishes: new Map(), busy: false, ticket: 0, broken: false });
  }

  #ask(message, moved = []) {
    if (!this.worker && !this.broken) {
      this.worker = new Worker(this.url, { type: "module" });
      this.worker.addEventListener("message", ({ data }) => TOLD[data.told](this, data));
      this.worker.addEventListener("error", () => (this.broken = true));
    }
    this.worker?.postMessage(message, moved);
  }

  #tell(name, plate) {
    this.dispatchEvent(new CustomEvent(name, { detail: { plate } }));
  }

  /** Fetch the 16 bits of a plate, once. */
  load(plate) {
    if (plate.asked === 16 || plate.bits === 16 || !plate.frame.pixels) return;
    plate.asked = 16;
    this.plates.set(keyOf(plate), plate);
    this.#ask({ do: "load", key: keyOf(plate), url: new URL(plate.frame.pixels, location.href).href });
  }

  /** Give the worker the pixels of the preview, once. */
  async #lend(plate) {
    if (plate.lent || plate.bits) return;
    plate.lent = true;
    if (!(await plate.ready)) return void (plate.lent = false);
    const bitmap = await createImageBitmap(plate.img, { colorSpaceConversion: "none" });
    this.#ask({ do: "preview", key: keyOf(plate), bitmap }, [bitmap]);
  }

  /** Make a picture of a plate, as soon as there are pixels of any kind. */
  develop(plate, display, limits) {
    const name = JSON.stringify([display, limits, plate.bits]);
    if (plate.painted === name) return void this.wishes.delete(plate);
    this.plates.set(keyOf(plate), plate);
    this.wishes.set(plate, { display, limits });
    if (plate.bits === 0) this.#lend(plate);
    this.#next();
  }

  /** No picture of this plate is wanted any more. */
  forget(plate) {
    this.wishes.delete(plate);
  }

  /** Let the worker forget these plates too. */
  drop(plates) {
    for (const plate of plates) {
      this.wishes.delete(plate);
      this.plates.delete(keyOf(plate));
      this.#quiet({ do: "drop", key: keyOf(plate) });
    }
  }

  #quiet(message) {
    if (this.worker) this.#ask(message);
  }

  #next() {
    if (this.busy) return;
    for (const [plate, { display, limits }] of this.wishes) {
      if (!plate.bits) continue;
      this.wishes.delete(plate);
      this.busy = true;
      this.making = { plate, display, limits };
      this.#ask({ do: "draw", key: keyOf(plate), ticket: (this.ticket += 1), display, limits });
      return;
    }
  }

  /** The code under a pixel of a plate: promise of {code, bits}; the newest question only is answered. */
  value(plate, x, y) {
    this.#quiet({ do: "value", key: keyOf(plate), ticket: (this.ticket += 1), x, y });
    return new Promise((resolve) => (this.asking = { ticket: this.ticket, resolve }));
  }

  // --- what the worker tells

  loaded({ key, bits, zscale, histogram }) {
    const plate = this.plates.get(key);
    if (!plate) return;
    Object.assign(plate, { bits, zscale, histogram });
    this.#tell("loaded", plate);
    this.#next();
  }

  failed({ key }) {
    const plate = this.plates.get(key);
    if (!plate) return;
    plate.asked = null;
    this.#tell("failed", plate);
  }

  drawn({ bitmap, bits }) {
    const { plate, display, limits } = this.making;
    this.busy = false;
    plate.paint(bitmap, JSON.stringify([display, limits, bits]), bits);
    this.#tell("painted", plate);
    this.#next();
  }

  /** The worker has let go of the pixels. They are lent again, and the 16 bits come from the browser's cache. */
  missing() {
    const { plate, display, limits } = this.making;
    const had = plate.bits;
    this.busy = false;
    Object.assign(plate, { bits: 0, asked: null, lent: false });
    if (had === 16) this.load(plate);
    this.develop(plate, display, limits);
  }

  answered({ ticket, code, bits }) {
    if (this.asking?.ticket === ticket) this.asking.resolve({ code, bits });
  }
}
