/* The images of one subject: an element per frame, registered on the first frame's grid. Made ahead, so that showing one is only
   a matter of putting it in place. */

import { onEdges } from "./geometry.js";

export class Plate {
  /** element: the plate that the server wrote, whose image is on its way already. */
  constructor(frame, element = null) {
    this.frame = frame;
    this.node = element ?? document.createElement("div");
    this.node.className = "plate";
    this.img = this.node.querySelector("img") ?? this.node.appendChild(new Image());
    Object.assign(this.img, { width: frame.width, height: frame.height, draggable: false });
    if (this.img.getAttribute("src") !== frame.preview) this.img.src = frame.preview;
    this.node.style.transform = frame.to_first ? `matrix(${onEdges(frame.to_first).join(", ")})` : "";
    Object.assign(this, { canvas: null, painted: "", bits: 0, source: 8, zscale: null, histogram: null, asked: null, seen: false });
    this.#load();
  }

  #load() {
    this.lost = false;
    this.ready = this.img.decode().then(
      () => true,
      () => !(this.lost = true),
    );
  }

  /** Ask once more for an image that did not come. */
  retry() {
    if (!this.lost) return;
    this.img.src = this.frame.preview;
    this.#load();
  }

  get isReady() {
    return this.img.complete && this.img.naturalWidth > 0;
  }

  /** What is seen: the image itself, or what was made of its pixels. */
  get picture() {
    return this.painted ? this.canvas : this.img;
  }

  /** Put a picture made of the pixels over the image. `name` says how it was made. */
  paint(bitmap, name, bits) {
    this.canvas ??= Object.assign(document.createElement("canvas"), { className: "plate-made" });
    Object.assign(this.canvas, { width: bitmap.width, height: bitmap.height });
    Object.assign(this.canvas.style, { width: `${this.frame.width}px`, height: `${this.frame.height}px` });
    this.canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
    Object.assign(this, { painted: name, source: bits });
    if (!this.canvas.isConnected) this.node.append(this.canvas);
  }

  /** Show the image itself again, and let go of what was made. */
  bare() {
    this.canvas?.remove();
    Object.assign(this, { canvas: null, painted: "", source: 8 });
  }

  show(on, alt = "") {
    this.node.classList.toggle("is-shown", on);
    this.img.alt = on ? alt : "";
  }
}

/** The plates of the subjects seen last and of those to come. */
export class PlateBox {
  constructor(most, onDrop) {
    Object.assign(this, { most, onDrop, sets: new Map() });
  }

  /** The plates of a subject; `first`: an element to use for its first frame. */
  of(subject, first = null) {
    const known = this.sets.get(subject.id);
    const plates = known ?? subject.frames.map((frame, index) => new Plate(frame, index === 0 ? first : null));
    this.sets.delete(subject.id);
    this.sets.set(subject.id, plates);
    return plates;
  }

  /** Let go of those seen longest ago, else of those that come last; never of those in use. */
  trim(inUse) {
    const others = [...this.sets].filter(([, plates]) => plates !== inUse);
    const seen = others.filter(([, plates]) => plates[0].seen);
    const toCome = others.filter(([, plates]) => !plates[0].seen).reverse();
    for (const [id, plates] of [...seen, ...toCome].slice(0, Math.max(0, this.sets.size - this.most))) {
      this.sets.delete(id);
      this.onDrop(plates);
    }
  }
}
