/* A round magnifier, in the corner away from the end that is being moved, with a cross-hair in its middle. */

import { onEdges, toEdge, turned } from "./geometry.js";

const RADIUS = 64;
const FACTOR = 3;
const TOP = 52; // below what stands in the corners on a phone

export class Loupe {
  constructor(viewer, root) {
    Object.assign(this, { viewer, root, canvas: root.querySelector("canvas") });
  }

  /** point: pixels of the shown frame (centres); at: the same place on the screen. */
  show(point, at) {
    const { viewer, root } = this;
    this.#draw(point);
    const left = at.x < viewer.box.width / 2 ? viewer.box.width - 2 * RADIUS - 12 : 12;
    root.style.transform = `translate(${left}px, ${TOP}px)`;
    root.hidden = false;
  }

  #draw(point) {
    const { view, plate } = this.viewer;
    if (!plate?.isReady) return;
    const size = Math.round(2 * RADIUS * devicePixelRatio);
    if (this.canvas.width !== size) this.canvas.width = this.canvas.height = size;
    const scale = Math.max(2, view.scale * FACTOR) * devicePixelRatio;
    const { cos, sin } = turned(view.turn);
    const context = this.canvas.getContext("2d");
    context.resetTransform();
    context.clearRect(0, 0, size, size);
    context.setTransform(scale * cos, scale * sin, -scale * sin, scale * cos, size / 2, size / 2);
    const [a, b, c, d] = onEdges(plate.frame.to_first ?? [1, 0, 0, 1, 0, 0]);
    context.transform(a, b, c, d, 0, 0); // about the point itself, so that where the frame lies does not matter
    context.imageSmoothingEnabled = false;
    context.drawImage(plate.picture, -toEdge(point.x), -toEdge(point.y), plate.frame.width, plate.frame.height);
  }

  hide() {
    this.root.hidden = true;
  }
}
