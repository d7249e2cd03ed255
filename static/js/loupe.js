/* A round magnifier, in the corner away from the end that is being moved, with a cross-hair in its middle. */

import { toEdge } from "./geometry.js";

const RADIUS = 64;
const FACTOR = 3;
const TOP = 52; // below what stands in the corners on a phone

export class Loupe {
  constructor(viewer, root) {
    Object.assign(this, { viewer, root, img: root.querySelector("img") });
  }

  /** point: cutout pixels (centres); at: the same place on the screen. */
  show(point, at) {
    const { viewer, img, root } = this;
    const source = viewer.img.getAttribute("src");
    if (img.getAttribute("src") !== source) img.src = source;
    const scale = Math.max(2, viewer.view.scale * FACTOR);
    img.width = viewer.size.width;
    img.height = viewer.size.height;
    img.style.transform = `translate(${RADIUS - scale * toEdge(point.x)}px, ${RADIUS - scale * toEdge(point.y)}px) scale(${scale})`;
    img.style.filter = viewer.img.style.filter;
    const left = at.x < viewer.box.width / 2 ? viewer.box.width - 2 * RADIUS - 12 : 12;
    root.style.transform = `translate(${left}px, ${TOP}px)`;
    root.hidden = false;
  }

  hide() {
    this.root.hidden = true;
  }
}
