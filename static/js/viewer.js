/* The image viewer: what is shown, and under which view. All frames of a subject lie registered on the first one's pixel grid, with
   zoom and turn in common; points of marks are pixels of the frame that is shown.
   Events on the instance: "view" (after each change of the view), "frame" (another frame is shown), "open" (another subject is),
   "tap" {detail: {point (screen), touch}}, "hover" {detail: {point}}, "leave", "doubletap"; where `draws(point)` says so, a drag of the mouse
   draws instead of moving the image: "drawstart", "drawend" {detail: {point}}, "drawstop"; "window" {detail: {dx, dy}}: a drag for
   contrast and brightness. */

import { Gestures } from "./gestures.js";
import * as geometry from "./geometry.js";
import { PlateBox } from "./plates.js";
import { PLAIN } from "./stretch.js";
import { text } from "./texts.js";

const KEPT_SUBJECTS = 12;
const SLOW_MS = 200;
const PIXELATED_FROM = 3; // device pixels per image pixel

export class Viewer extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.layer = root.querySelector("[data-plates]");
    this.first = this.layer.querySelector(".plate"); // what the server wrote; taken over once
    this.box = this.#measure();
    this.display = { ...PLAIN };
    this.waiting = root.querySelector("[data-wait]");
    this.windowing = false;
    this.draws = () => false;
    this.subjects = new PlateBox(KEPT_SUBJECTS, (plates) => this.dispatchEvent(new CustomEvent("drop", { detail: { plates } })));
    this.plates = [];
    this.frame = 0;
    const img = this.first.querySelector("img");
    this.grid = { width: img.width || 1, height: img.height || 1 };
    this.gestures = new Gestures(this);
    root.classList.add("is-alive");
    this.set(geometry.fit(this.grid, this.box));
    new ResizeObserver(() => this.#resized()).observe(root);
  }

  #measure() {
    return { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
  }

  #resized() {
    const box = this.#measure();
    const view = geometry.rebox(this.view, this.grid, this.box, box);
    this.box = box;
    this.set(view);
  }

  // --- subjects and frames

  /** Load and decode the images of a subject that comes soon. The promise says when they are ready. */
  prepare(subject) {
    const plates = this.#platesOf(subject);
    this.subjects.trim(this.plates);
    return Promise.all(plates.map((plate) => plate.ready)).then(() => this.dispatchEvent(new CustomEvent("prepared", { detail: { plates } })));
  }

  #platesOf(subject) {
    const isFirst = this.first?.querySelector("img").getAttribute("src") === subject.frames[0].preview;
    const plates = this.subjects.of(subject, isFirst ? this.first : null);
    if (isFirst) this.first = null;
    return plates;
  }

  /** Show a subject: its first frame, all of it. */
  open(subject, alt) {
    this.plates = this.#platesOf(subject);
    for (const plate of this.plates) plate.seen = true;
    this.subjects.trim(this.plates);
    this.alt = alt;
    this.frame = 0;
    this.grid = { width: subject.frames[0].width, height: subject.frames[0].height };
    this.plates.forEach((plate, index) => plate.show(index === 0, alt));
    this.layer.replaceChildren(...this.plates.map((plate) => plate.node));
    this.#wait();
    this.set(geometry.fit(this.grid, this.box));
    this.dispatchEvent(new Event("open"));
    this.dispatchEvent(new Event("frame"));
  }

  get frames() {
    return this.plates.map((plate) => plate.frame);
  }

  get plate() {
    return this.plates[this.frame];
  }

  /** Width and height of the frame that is shown. */
  get image() {
    return this.plate?.frame ?? this.grid;
  }

  /** Show a frame of this subject; beyond the last comes the first again. */
  showFrame(index) {
    const n = this.plates.length;
    if (!n) return;
    this.frame = ((index % n) + n) % n;
    this.plates.forEach((plate, each) => plate.show(each === this.frame, this.alt));
    this.#wait();
    this.dispatchEvent(new Event("view"));
    this.dispatchEvent(new Event("frame"));
  }

  /** Say that the image is on its way, or did not come. */
  #wait() {
    const { plate } = this;
    clearTimeout(this.slow);
    this.waiting.hidden = true;
    if (plate.isReady) return;
    this.slow = setTimeout(() => this.#say(text("image_waits")), SLOW_MS);
    plate.ready.then(() => {
      if (plate !== this.plate) return;
      clearTimeout(this.slow);
      this.#say(plate.lost ? text("image_lost") : "");
    });
  }

  #say(words) {
    this.waiting.textContent = words;
    this.waiting.hidden = words === "";
  }

  /** Ask again for images that did not come. */
  retry() {
    for (const plate of this.plates.filter((each) => each.lost)) plate.retry();
    if (this.plate) this.#wait();
  }

  // --- the view

  set(view) {
    this.view = view;
    const { scale, tx, ty, turn } = view;
    this.layer.style.transform = `translate(${tx}px, ${ty}px) rotate(${turn}deg) scale(${scale})`;
    this.root.classList.toggle("is-close", scale * devicePixelRatio > PIXELATED_FROM);
    this.dispatchEvent(new Event("view"));
  }

  get middle() {
    return { x: this.box.width / 2, y: this.box.height / 2 };
  }

  fit() {
    this.set(geometry.fit(this.grid, this.box, this.view.turn));
  }

  /** All of the image, upright. */
  reset() {
    this.retry();
    this.set(geometry.fit(this.grid, this.box));
  }

  zoom(factor, point = this.middle) {
    this.retry();
    this.set(geometry.zoomAt(this.view, point, factor, this.grid, this.box));
  }

  oneToOne() {
    this.zoom(1 / this.view.scale);
  }

  turn(degrees, point = this.middle) {
    this.set(geometry.turnAt(this.view, point, degrees, this.grid, this.box));
  }

  pan(dx, dy) {
    this.set(geometry.pan(this.view, dx, dy, this.grid, this.box));
  }

  /** Screen point -> pixel (centres) of the frame that is shown. */
  toMark(point) {
    return geometry.screenToMark(this.view, point, this.plate?.frame.to_first);
  }

  /** Pixel (centres) of the frame that is shown -> screen point. */
  toScreen(point) {
    return geometry.markToScreen(this.view, point, this.plate?.frame.to_first);
  }

  /** Where an event happened, in this viewer's screen pixels. */
  at(event) {
    const rect = this.root.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  // --- how it looks

  /** What is stored with a vote: how the image was seen. */
  state() {
    const { scale, turn } = this.view;
    const { width, height } = this.box;
    return { ...this.display, frame: this.frame, scale: Number(scale.toFixed(3)), turn, width, height, dpr: devicePixelRatio, source: this.plate?.source ?? 8 };
  }
}
