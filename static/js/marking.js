/* How marks come onto the image: clicks, lines drawn with the mouse, keys. Holds the marks of one subject.
   mayMark(): whether one more is taken now. onChange(before): the marks are other ones. */

import * as marks from "./marks.js";

const NEAR_PX = 12; // so far beside the image a click still means its edge

export class Marking {
  constructor(viewer, layer, { mayMark, onChange }) {
    Object.assign(this, { viewer, layer, mayMark, onChange, state: marks.none() });
    viewer.draws = (point) => this.isOnImage(point);
    viewer.addEventListener("tap", ({ detail }) => this.isOnImage(detail.point) && this.#place(detail.point));
    viewer.addEventListener("drawstart", ({ detail }) => this.state.pending?.frame !== viewer.frame && this.#place(detail.point));
    viewer.addEventListener("drawend", ({ detail }) => this.#place(detail.point));
    viewer.addEventListener("drawstop", () => this.forget());
    viewer.addEventListener("doubletap", () => this.forget());
  }

  /** Take over the marks of another subject, or of another answer. */
  start(state) {
    this.state = state;
  }

  #set(state) {
    if (state === this.state) return;
    const before = this.state;
    this.state = state;
    this.onChange(before);
  }

  /** Can a mark begin at this point of the screen? */
  isOnImage(point) {
    if (!this.mayMark()) return false;
    const at = this.viewer.toMark(point);
    const { width, height } = this.viewer.image;
    const near = NEAR_PX / this.viewer.view.scale;
    return at.x >= -near && at.y >= -near && at.x <= width + near && at.y <= height + near;
  }

  /** An end here, or as near to it as the image reaches. */
  #place(point) {
    if (this.mayMark()) this.#set(marks.place(this.state, this.viewer.frame, this.viewer.toMark(point), this.viewer.image));
  }

  /** A line in the middle of the view; its ends are then moved by keys. */
  insert() {
    if (!this.mayMark()) return;
    const { box, frame, image } = this.viewer;
    const [a, b] = [0.4, 0.6].map((part) => this.viewer.toMark({ x: part * box.width, y: 0.5 * box.height }));
    this.#set(marks.insert(marks.forget(this.state), frame, { x1: a.x, y1: a.y, x2: b.x, y2: b.y }, image));
    this.layer.focus(this.state.marks.at(-1).key);
  }

  move(key, end, point) {
    this.#set(marks.move(this.state, key, end, point, this.viewer.image));
  }

  remove(key) {
    this.#set(marks.remove(this.state, key));
  }

  removeLast() {
    const last = this.state.marks.at(-1);
    if (this.state.pending) this.forget();
    else if (last) this.remove(last.key);
  }

  /** Keep a suggested trail, or let it go again; `image`: of its frame. */
  toggle(suggestion, image) {
    this.#set(marks.toggleKept(this.state, suggestion, image));
  }

  forget() {
    if (this.state.pending) this.#set(marks.forget(this.state));
  }
}
