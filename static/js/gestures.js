/* What mouse and fingers do on the viewer. A drag moves the image; or draws, where the page says so; or sets contrast and brightness,
   with the right button or while `viewer.windowing` is on. Two fingers zoom. */

import { distance, middle } from "./geometry.js";

const DRAG_PX = 5;
const DRAW_PX = 6;
const DOUBLE_TAP_MS = 300;
const DOUBLE_TAP_PX = 24;
const WHEEL = 1.0016;

export class Gestures {
  constructor(viewer) {
    this.viewer = viewer;
    this.pointers = new Map();
    this.space = false;
    this.lastTap = { time: 0, point: { x: -99, y: -99 } };
    const { root } = viewer;
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave"]) {
      root.addEventListener(type, (event) => this[type](event));
    }
    window.addEventListener("keydown", (event) => (this.space ||= event.code === "Space"));
    window.addEventListener("keyup", (event) => (this.space &&= event.code !== "Space"));
    window.addEventListener("blur", () => (this.space = false));
    root.addEventListener("contextmenu", (event) => event.preventDefault()); // the right button sets contrast and brightness
    root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  #tell(name, detail) {
    this.viewer.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** What a drag that begins here does: "window", "draw" or "move". */
  #kind(event, point, byHand) {
    if (event.button === 2 || (this.viewer.windowing && !byHand)) return "window";
    return !byHand && event.pointerType === "mouse" && this.viewer.draws(point) ? "draw" : "move";
  }

  pointerdown(event) {
    const byHand = event.button === 1 || this.space; // the middle button and the space bar always move the image
    if (event.button > 2 || (event.target.closest("[data-viewer-ignore]") && !byHand)) return;
    if (event.button === 1) event.preventDefault();
    this.viewer.root.setPointerCapture(event.pointerId);
    const point = this.viewer.at(event);
    this.pointers.set(event.pointerId, point);
    const kind = this.#kind(event, point, byHand);
    this.gesture = { start: point, moved: this.pointers.size > 1, kind, silent: event.button !== 0 };
  }

  pointermove(event) {
    const point = this.viewer.at(event);
    if (!this.pointers.has(event.pointerId)) {
      this.#tell("hover", { point });
      return;
    }
    const before = [...this.pointers.values()];
    this.pointers.set(event.pointerId, point);
    if (before.length === 2) this.#pinch(before, [...this.pointers.values()]);
    else if (this.gesture.kind === "draw") this.#sketch(point);
    else this.#drag(before[0], point);
  }

  pointerleave() {
    if (this.pointers.size === 0) this.#tell("leave", {});
  }

  #sketch(to) {
    const { start, moved } = this.gesture;
    if (!moved && distance(start, to) <= DRAW_PX) return;
    this.gesture.moved = true;
    if (!moved) this.#tell("drawstart", { point: start });
    this.#tell("hover", { point: to });
  }

  #drag(from, to) {
    if (!this.gesture.moved && distance(this.gesture.start, to) < DRAG_PX) return;
    if (!this.gesture.moved) from = this.gesture.start;
    this.gesture.moved = true;
    this.viewer.root.classList.add("is-dragging");
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    if (this.gesture.kind === "window") this.#tell("window", { dx, dy });
    else this.viewer.pan(dx, dy);
  }

  #pinch(before, after) {
    const factor = distance(...after) / Math.max(1, distance(...before));
    const [from, to] = [middle(...before), middle(...after)];
    this.viewer.pan(to.x - from.x, to.y - from.y);
    this.viewer.zoom(factor, to);
  }

  pointerup(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.viewer.root.classList.remove("is-dragging");
    const { moved, kind, silent } = this.gesture;
    const point = this.viewer.at(event);
    if (moved && kind === "draw") this.#tell("drawend", { point });
    else if (!moved && !silent && this.pointers.size === 0) this.#tap(point, event);
  }

  pointercancel(event) {
    if (this.pointers.delete(event.pointerId) && this.gesture.moved && this.gesture.kind === "draw") this.#tell("drawstop", {});
    this.viewer.root.classList.remove("is-dragging");
  }

  #tap(point, event) {
    const touch = event.pointerType !== "mouse";
    const quick = event.timeStamp - this.lastTap.time < DOUBLE_TAP_MS && distance(point, this.lastTap.point) < DOUBLE_TAP_PX;
    this.lastTap = { time: quick ? 0 : event.timeStamp, point };
    if (touch && quick) {
      this.viewer.fit();
      this.#tell("doubletap", {});
    } else this.#tell("tap", { point, touch });
  }

  wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 33 : event.deltaY;
    this.viewer.zoom(WHEEL ** -pixels, this.viewer.at(event));
  }
}
