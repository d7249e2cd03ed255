/* What lies over the image to read: arrows to north and east, a scale bar, and what is under the cursor. Drawn for the eye only;
   it says nothing about what the image shows. */

import { turned } from "./geometry.js";
import { sigmaOf } from "./stretch.js";
import { text } from "./texts.js";
import { arcsecPerPixel, compass, northUp, scaleBar, toSky, words } from "./wcs.js";

const ARROW = 26;
const BAR_PX = 110;

export class Compass {
  constructor(viewer, display) {
    const find = (name) => viewer.root.querySelector(`[data-${name}]`);
    Object.assign(this, { viewer, display, root: find("compass"), readout: find("readout"), point: null });
    for (const name of ["north", "east", "scale", "scale-label"]) this[name] = this.root.querySelector(`[data-${name}]`);
    for (const name of ["sky", "degrees", "pixel"]) this[name] = this.readout.querySelector(`[data-${name}]`);
    viewer.addEventListener("view", () => this.#draw());
    viewer.addEventListener("frame", () => this.#draw());
    viewer.addEventListener("hover", ({ detail }) => this.#hover(detail.point));
    display.addEventListener("look", () => this.#read());
    viewer.addEventListener("leave", () => this.#hover(null));
    this.#draw();
  }

  get wcs() {
    return this.viewer.plate?.frame.wcs ?? null;
  }

  /** Turn the image so that north is up. */
  northUp() {
    if (this.wcs) this.viewer.turn(northUp(this.wcs) - this.#registration() - this.viewer.view.turn);
  }

  /** Degrees by which the shown frame is turned on the grid. */
  #registration() {
    const [a, b] = this.viewer.plate.frame.to_first ?? [1, 0];
    return (Math.atan2(b, a) * 180) / Math.PI;
  }

  #draw() {
    this.root.hidden = this.wcs === null;
    if (this.wcs) {
      const directions = compass(this.wcs);
      this.#arrow(this.north, directions.north);
      this.#arrow(this.east, directions.east);
      const bar = scaleBar(arcsecPerPixel(this.wcs) / (this.viewer.view.scale * this.#stretch()), BAR_PX);
      this.scale.style.width = `${bar.px.toFixed(1)}px`;
      this["scale-label"].textContent = bar.label;
    }
    this.#read();
  }

  /** Grid pixels per pixel of the shown frame. */
  #stretch() {
    const [a, b, c, d] = this.viewer.plate.frame.to_first ?? [1, 0, 0, 1];
    return Math.sqrt(Math.abs(a * d - b * c));
  }

  /** An arrow [x, y] of the frame's pixels, as it lies on the screen. */
  #arrow(node, [x, y]) {
    const [a, b, c, d] = this.viewer.plate.frame.to_first ?? [1, 0, 0, 1];
    const grid = [a * x + c * y, b * x + d * y];
    const { cos, sin } = turned(this.viewer.view.turn);
    const long = Math.hypot(...grid);
    const [dx, dy] = [(cos * grid[0] - sin * grid[1]) / long, (sin * grid[0] + cos * grid[1]) / long];
    const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
    node.querySelector("path").setAttribute("transform", `rotate(${angle.toFixed(2)})`);
    const label = node.querySelector("text");
    label.setAttribute("x", (dx * (ARROW + 8)).toFixed(1));
    label.setAttribute("y", (dy * (ARROW + 8)).toFixed(1));
  }

  #hover(point) {
    this.point = point;
    this.queued ??= requestAnimationFrame(() => {
      this.queued = null;
      this.#read();
    });
  }

  async #read() {
    const { plate } = this.viewer;
    const at = this.point && plate && this.viewer.toMark(this.point);
    const inside = at && at.x >= -0.5 && at.y >= -0.5 && at.x < plate.frame.width - 0.5 && at.y < plate.frame.height - 0.5;
    this.readout.hidden = !inside;
    if (!inside) return;
    const sky = this.wcs && words(toSky(this.wcs, at));
    this.sky.textContent = sky ? sky.sexagesimal : "";
    this.degrees.textContent = sky ? sky.decimal : "";
    const [x, y] = [Math.round(at.x), Math.round(at.y)];
    /* The value comes a moment later; its line is there from the start, so that nothing moves. */
    if (plate.bits !== 16 || !this.pixel.textContent) this.pixel.textContent = text("pixel", { x, y });
    if (plate.bits === 16) await this.#value(plate, x, y);
  }

  async #value(plate, x, y) {
    const { code } = await this.display.darkroom.value(plate, x, y);
    const sigma = sigmaOf(code).toFixed(2).replace("-", "\u2212");
    this.pixel.textContent = code ? text("pixel_value", { x, y, sigma }) : text("pixel_empty", { x, y });
  }
}
