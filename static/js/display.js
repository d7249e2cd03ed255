/* How the images look: keeps the settings, decides when the 16-bit pixels are fetched, and has the shown plates developed.
   The 16 bits come when a setting is touched or the page is idle; with Save-Data or on a slow line never by themselves, and with
   Save-Data only by askForPixels() (a button). Without them the same settings work on the preview.
   Event "look": settings, limits or source changed. */

import { Darkroom } from "./darkroom.js";
import { cleaned, isPlain, limitsOf, PLAIN } from "./stretch.js";

const IDLE_MS = 1500;
const AHEAD = 2; // subjects to come whose pictures are made ahead

const thrifty = () => navigator.connection?.saveData === true;
const slow = () => thrifty() || /2g|3g/.test(navigator.connection?.effectiveType ?? "");

export class Display extends EventTarget {
  /** worker: address of pixels-worker.js; settings: those kept; onChange(settings): a person changed them. */
  constructor(viewer, { worker, settings, onChange }) {
    super();
    Object.assign(this, { viewer, onChange, darkroom: new Darkroom(worker), settings: cleaned(settings) });
    viewer.display = this.settings;
    viewer.addEventListener("open", () => this.#opened());
    viewer.addEventListener("frame", () => this.#tell());
    viewer.addEventListener("prepared", () => this.#ahead());
    viewer.addEventListener("drop", ({ detail }) => this.darkroom.drop(detail.plates));
    this.darkroom.addEventListener("loaded", ({ detail }) => this.#loaded(detail.plate));
    this.darkroom.addEventListener("painted", ({ detail }) => this.#painted(detail.plate));
    this.darkroom.addEventListener("failed", () => this.#tell());
  }

  #tell() {
    this.dispatchEvent(new Event("look"));
  }

  /** Black and white, in sigma: the first frame's for all, so that frames can be compared. */
  get limits() {
    return limitsOf(this.settings, this.viewer.plates[0]?.zscale);
  }

  /** Bits of the picture that is shown. */
  get source() {
    return this.viewer.plate?.source ?? 8;
  }

  /** "ready", "coming", "asks" (there are 16 bits, and Save-Data keeps them away) or "none". */
  get pixels() {
    const { plate } = this.viewer;
    if (plate?.bits === 16) return "ready";
    if (!plate?.frame.pixels) return "none";
    if (plate.asked === 16) return "coming";
    return "asks";
  }

  // --- settings

  /** A person changes settings. */
  change(patch) {
    this.settings = cleaned({ ...this.settings, ...patch });
    this.viewer.display = this.settings;
    if (!thrifty()) this.#loadAll();
    this.#developAll();
    this.#ahead();
    this.onChange(this.settings);
    this.#tell();
  }

  reset() {
    this.change({ ...PLAIN });
  }

  /** A drag: to the right more contrast, up brighter. */
  drag(dx, dy) {
    const { contrast, brightness } = this.settings;
    this.change({ contrast: contrast * 1.006 ** dx, brightness: brightness - dy / 400 });
  }

  /** Fetch the 16 bits of this subject now. */
  askForPixels() {
    this.#loadAll();
    this.#tell();
  }

  #loadAll() {
    for (const plate of this.#shownFirst()) this.darkroom.load(plate);
  }

  // --- plates

  #shownFirst() {
    const { plates, plate } = this.viewer;
    return plate ? [plate, ...plates.filter((each) => each !== plate)] : [];
  }

  #limitsOf(plates) {
    return limitsOf(this.settings, plates[0]?.zscale);
  }

  #develop(plate, plates) {
    const waits = this.settings.limits === "zscale" && !plates[0].zscale && plates[0].bits === 0;
    if (isPlain(this.settings) && plate.bits !== 16) {
      this.darkroom.forget(plate);
      plate.bare();
    } else if (!waits || plate === plates[0]) this.darkroom.develop(plate, this.settings, this.#limitsOf(plates));
  }

  #developAll() {
    for (const plate of this.#shownFirst()) this.#develop(plate, this.viewer.plates);
  }

  #opened() {
    for (const plates of this.viewer.subjects.sets.values()) {
      if (plates !== this.viewer.plates && plates[0].seen) plates.forEach((plate) => this.#putAway(plate));
    }
    this.#developAll();
    this.#ahead();
    this.#whenIdle();
    this.#tell();
  }

  #putAway(plate) {
    this.darkroom.forget(plate);
    plate.bare();
  }

  /** Pictures of the next subjects, where they do not look like their previews. */
  #ahead() {
    if (isPlain(this.settings)) return;
    for (const plates of this.#coming()) plates.forEach((plate) => this.#develop(plate, plates));
  }

  #coming() {
    return [...this.viewer.subjects.sets.values()].filter((plates) => !plates[0].seen).slice(0, AHEAD);
  }

  #loaded(plate) {
    if (this.viewer.plates.includes(plate)) this.#developAll();
    else this.#ahead();
    this.#tell();
  }

  #painted(plate) {
    if (isPlain(this.settings) && plate.bits !== 16) plate.bare(); // changed back meanwhile
    if (plate === this.viewer.plate) this.#tell();
  }

  // --- the 16 bits, by themselves

  #whenIdle() {
    clearTimeout(this.timer);
    if (slow()) return;
    const { plates } = this.viewer;
    this.timer = setTimeout(async () => {
      await Promise.all([...this.viewer.subjects.sets.values()].flat().map((plate) => plate.ready));
      const idle = window.requestIdleCallback ?? ((call) => setTimeout(call, 50));
      idle(() => plates === this.viewer.plates && this.#loadAll());
    }, IDLE_MS);
  }
}
