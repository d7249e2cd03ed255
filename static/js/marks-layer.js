/* Draws suggestions, marks and the truth over the viewer, and lets the ends of marks be dragged or moved by keys.
   Calls back: onMove(key, end, point), onRemove(key), with points in cutout pixels (centres). */

import { markToScreen } from "./geometry.js";
import { beside } from "./marks.js";
import { text } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const TRUTH_PX = 6; // from the middle of the double line
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function make(name, className, parent) {
  const node = document.createElementNS(SVG, name);
  node.setAttribute("class", className);
  parent?.append(node);
  return node;
}

function setLine(node, a, b) {
  const values = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
  for (const [name, value] of Object.entries(values)) node.setAttribute(name, value.toFixed(2));
}

function setCentre(node, point) {
  node.setAttribute("cx", point.x.toFixed(2));
  node.setAttribute("cy", point.y.toFixed(2));
}

const pathOf = ({ points, x1, y1, x2, y2 }) => (points?.length ? points : [[x1, y1], [x2, y2]]).map(([x, y]) => ({ x, y }));
const endOf = (mark, end) => ({ x: mark[`x${end}`], y: mark[`y${end}`] });

export class MarksLayer {
  constructor(viewer, svg, { onMove, onRemove, loupe }) {
    Object.assign(this, { viewer, svg, onMove, onRemove, loupe, nodes: new Map(), drag: null, cursor: null });
    this.under = make("g", "suggestions", svg);
    this.truths = make("g", "truths", svg);
    this.over = make("g", "own", svg);
    this.draft = make("line", "mark-draft", svg);
    this.first = make("circle", "mark-first", svg);
    this.first.setAttribute("r", "6");
    this.state = { marks: [], pending: null };
    this.suggestions = [];
    this.truth = [];
    this.frame = 0;
    viewer.addEventListener("view", () => this.draw());
    viewer.addEventListener("hover", (event) => {
      this.cursor = event.detail.point;
      if (this.state.pending) this.#drawDraft();
    });
  }

  /** truth: the true lines, in pixels of the first frame; with them the marks are only looked at. */
  update(state, suggestions, frame, truth = null) {
    Object.assign(this, { state, suggestions, frame, truth: truth ?? [] });
    this.svg.classList.toggle("is-locked", truth !== null);
    this.draw();
  }

  draw() {
    this.under.replaceChildren(...this.#suggested());
    this.truths.replaceChildren(...this.#true());
    const shown = this.state.marks.filter((mark) => mark.frame === this.frame);
    for (const [key, node] of this.nodes) {
      if (shown.some((mark) => mark.key === key)) continue;
      node.group.remove();
      this.nodes.delete(key);
    }
    shown.forEach((mark) => this.#drawMark(mark));
    this.#drawDraft();
  }

  /** Lines of these classes, one over the other, through points of the screen. */
  #lines(classNames, points) {
    const path = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    return classNames.map((className) => {
      const line = make("polyline", className, null);
      line.setAttribute("points", path);
      return line;
    });
  }

  #suggested() {
    const shown = this.suggestions.filter((each) => (each.frame ?? 0) === this.frame);
    return shown.flatMap((each) => this.#lines(["mark-casing", "trail trail-machine"], pathOf(each).map((point) => this.viewer.toScreen(point))));
  }

  /** A double line, so that what it tells of stays to be seen between. */
  #true() {
    return this.truth.flatMap((each) => {
      const points = pathOf(each).map((point) => markToScreen(this.viewer.view, point));
      return [-TRUTH_PX, TRUTH_PX].flatMap((aside) => this.#lines(["mark-casing", "trail trail-truth"], beside(points, aside)));
    });
  }

  #node(mark) {
    if (this.nodes.has(mark.key)) return this.nodes.get(mark.key);
    const group = make("g", "mark", this.over);
    const casing = make("line", "mark-casing", group);
    const line = make("line", "trail trail-people", group);
    const handles = [1, 2].map((end) => this.#handle(group, mark.key, end));
    const node = { group, casing, line, handles };
    this.nodes.set(mark.key, node);
    return node;
  }

  #handle(group, key, end) {
    const handle = make("g", "handle", group);
    const reach = make("circle", "handle-reach", handle);
    reach.setAttribute("r", "22");
    const ring = make("circle", "handle-ring", handle);
    ring.setAttribute("r", "7");
    handle.setAttribute("tabindex", "0");
    handle.setAttribute("role", "button");
    handle.setAttribute("data-viewer-ignore", "");
    handle.addEventListener("pointerdown", (event) => this.#grab(event, key, end, handle));
    handle.addEventListener("pointermove", (event) => this.#pull(event));
    handle.addEventListener("pointerup", () => this.#drop());
    handle.addEventListener("pointercancel", () => this.#drop());
    handle.addEventListener("keydown", (event) => this.#nudge(event, key, end));
    return { handle, reach, ring };
  }

  #drawMark(mark) {
    const node = this.#node(mark);
    const ends = [1, 2].map((end) => this.viewer.toScreen(endOf(mark, end)));
    setLine(node.casing, ...ends);
    setLine(node.line, ...ends);
    const number = this.state.marks.indexOf(mark) + 1;
    node.handles.forEach(({ handle, reach, ring }, index) => {
      setCentre(reach, ends[index]);
      setCentre(ring, ends[index]);
      const at = endOf(mark, index + 1);
      const values = { number, x: Math.round(at.x), y: Math.round(at.y) };
      handle.setAttribute("aria-label", text(index ? "handle_end" : "handle_start", values));
    });
  }

  #drawDraft() {
    const { pending } = this.state;
    const visible = pending !== null && pending.frame === this.frame;
    this.first.classList.toggle("is-shown", visible);
    this.draft.classList.toggle("is-shown", visible && this.cursor !== null);
    if (!visible) return;
    const from = this.viewer.toScreen(pending);
    setCentre(this.first, from);
    if (this.cursor) setLine(this.draft, from, this.cursor);
  }

  #grab(event, key, end, handle) {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const mark = this.state.marks.find((each) => each.key === key);
    const at = this.viewer.toScreen(endOf(mark, end));
    const finger = this.viewer.at(event);
    /* The end keeps its distance from the finger, so that the finger does not hide it. */
    this.drag = { key, end, dx: at.x - finger.x, dy: at.y - finger.y, touch: event.pointerType !== "mouse" };
    this.loupe?.show(endOf(mark, end), at);
  }

  #pull(event) {
    if (!this.drag) return;
    const finger = this.viewer.at(event);
    const at = { x: finger.x + this.drag.dx, y: finger.y + this.drag.dy };
    const point = this.viewer.toMark(at);
    this.onMove(this.drag.key, this.drag.end, point);
    this.loupe?.show(point, at);
  }

  #drop() {
    this.drag = null;
    this.loupe?.hide();
  }

  #nudge(event, key, end) {
    if (event.key === "Delete" || event.key === "Backspace") {
      this.onRemove(key);
    } else if (STEPS[event.key]) {
      const [dx, dy] = STEPS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
      const at = endOf(this.state.marks.find((each) => each.key === key), end);
      this.onMove(key, end, { x: at.x + dx, y: at.y + dy });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  get holdsKeyboard() {
    return this.svg.contains(document.activeElement);
  }

  /** Give the keyboard to the first end of a mark. */
  focus(key) {
    this.nodes.get(key)?.handles[0].handle.focus();
  }
}
