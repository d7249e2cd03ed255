/* The image viewer: zoom, pan, invert, brightness and contrast, by mouse, touch and calls.
   Events on the instance: "view" (after each change of the view), "tap" {detail: {point (screen), touch}}, "hover" {detail: {point}};
   where `draws(point)` says so, a drag of the mouse draws instead of moving the image: "drawstart", "drawend" {detail: {point}}, "drawstop". */

import { clampView, distance, fit, markToScreen, middle, pan, rebox, screenToMark, zoomAt } from "./geometry.js";

const DRAG_PX = 5;
const DRAW_PX = 6;
const DOUBLE_TAP_MS = 300;
const DOUBLE_TAP_PX = 24;
const WHEEL = 1.0016;
const PLAIN = { invert: false, brightness: 1, contrast: 1 };

export class Viewer extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.img = root.querySelector("img");
    this.size = { width: this.img.width || 1, height: this.img.height || 1 };
    this.display = { ...PLAIN };
    this.pointers = new Map();
    this.draws = () => false;
    this.space = false;
    this.lastTap = { time: 0, point: { x: -99, y: -99 } };
    this.box = this.#measure();
    this.view = fit(this.size, this.box);
    new ResizeObserver(() => this.#resized()).observe(root);
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      root.addEventListener(type, (event) => this[`on_${type}`](event));
    }
    window.addEventListener("keydown", (event) => (this.space ||= event.code === "Space"));
    window.addEventListener("keyup", (event) => (this.space &&= event.code !== "Space"));
    window.addEventListener("blur", () => (this.space = false));
    root.addEventListener("wheel", (event) => this.on_wheel(event), { passive: false });
    this.#draw();
  }

  #measure() {
    return { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
  }

  #resized() {
    const box = this.#measure();
    this.view = rebox(this.view, this.size, this.box, box);
    this.box = box;
    this.#draw();
  }

  /** Show a frame {preview, width, height}; the view starts at fit unless `keepView`. */
  show(frame, alt, { keepView = false } = {}) {
    this.size = { width: frame.width, height: frame.height };
    this.img.width = frame.width;
    this.img.height = frame.height;
    this.img.alt = alt;
    if (this.img.getAttribute("src") !== frame.preview) this.img.src = frame.preview;
    this.set(keepView ? clampView(this.view, this.size, this.box) : fit(this.size, this.box));
  }

  set(view) {
    this.view = view;
    this.#draw();
  }

  fit() {
    this.set(fit(this.size, this.box));
  }

  zoom(factor, point = { x: this.box.width / 2, y: this.box.height / 2 }) {
    this.set(zoomAt(this.view, point, factor, this.size, this.box));
  }

  pan(dx, dy) {
    this.set(pan(this.view, dx, dy, this.size, this.box));
  }

  /** Change how the pixels look: {invert, brightness, contrast}. */
  adjust(change) {
    Object.assign(this.display, change);
    const { invert, brightness, contrast } = this.display;
    const plain = !invert && brightness === 1 && contrast === 1;
    this.img.style.filter = plain ? "" : `invert(${invert ? 1 : 0}) brightness(${brightness}) contrast(${contrast})`;
    this.root.classList.toggle("is-inverted", invert);
  }

  resetDisplay() {
    this.adjust({ ...PLAIN });
  }

  toMark(point) {
    return screenToMark(this.view, point);
  }

  toScreen(point) {
    return markToScreen(this.view, point);
  }

  /** Where an event happened, in this viewer's screen pixels. */
  at(event) {
    const rect = this.root.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top };
  }

  #draw() {
    const { scale, tx, ty } = this.view;
    this.img.style.transform = `translate(${tx}px, ${ty}px) scale(${scale})`;
    this.root.classList.toggle("is-close", scale * devicePixelRatio > 3);
    this.dispatchEvent(new Event("view"));
  }

  on_pointerdown(event) {
    const byHand = event.button === 1 || this.space; // the middle button and the space bar always move the image
    if (event.button > 1 || (event.target.closest("[data-viewer-ignore]") && !byHand)) return;
    if (event.button === 1) event.preventDefault();
    this.root.setPointerCapture(event.pointerId);
    const point = this.at(event);
    this.pointers.set(event.pointerId, point);
    const draws = !byHand && event.pointerType === "mouse" && this.draws(point);
    this.gesture = { start: point, moved: this.pointers.size > 1, draws, silent: event.button === 1 };
  }

  on_pointermove(event) {
    const point = this.at(event);
    if (!this.pointers.has(event.pointerId)) {
      this.dispatchEvent(new CustomEvent("hover", { detail: { point } }));
      return;
    }
    const before = [...this.pointers.values()];
    this.pointers.set(event.pointerId, point);
    if (before.length === 2) this.#pinch(before, [...this.pointers.values()]);
    else if (this.gesture.draws) this.#sketch(point);
    else this.#drag(before[0], point);
  }

  #tell(name, point) {
    this.dispatchEvent(new CustomEvent(name, { detail: { point } }));
  }

  #sketch(to) {
    const { start, moved } = this.gesture;
    if (!moved && distance(start, to) <= DRAW_PX) return;
    this.gesture.moved = true;
    if (!moved) this.#tell("drawstart", start);
    this.#tell("hover", to);
  }

  #drag(from, to) {
    if (!this.gesture.moved && distance(this.gesture.start, to) < DRAG_PX) return;
    if (!this.gesture.moved) from = this.gesture.start;
    this.gesture.moved = true;
    this.root.classList.add("is-dragging");
    this.pan(to.x - from.x, to.y - from.y);
  }

  #pinch(before, after) {
    const factor = distance(...after) / Math.max(1, distance(...before));
    const from = middle(...before);
    const to = middle(...after);
    this.pan(to.x - from.x, to.y - from.y);
    this.zoom(factor, to);
  }

  on_pointerup(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.root.classList.remove("is-dragging");
    const { moved, draws, silent } = this.gesture;
    if (moved && draws) this.#tell("drawend", this.at(event));
    else if (!moved && !silent && this.pointers.size === 0) this.#tap(this.at(event), event);
  }

  on_pointercancel(event) {
    if (this.pointers.delete(event.pointerId) && this.gesture.moved && this.gesture.draws) this.dispatchEvent(new Event("drawstop"));
    this.root.classList.remove("is-dragging");
  }

  #tap(point, event) {
    const touch = event.pointerType !== "mouse";
    const quick = event.timeStamp - this.lastTap.time < DOUBLE_TAP_MS && distance(point, this.lastTap.point) < DOUBLE_TAP_PX;
    this.lastTap = { time: quick ? 0 : event.timeStamp, point };
    if (touch && quick) {
      this.fit();
      this.dispatchEvent(new Event("doubletap"));
      return;
    }
    this.dispatchEvent(new CustomEvent("tap", { detail: { point, touch } }));
  }

  on_wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 33 : event.deltaY;
    this.zoom(WHEEL ** -pixels, this.at(event));
  }
}
