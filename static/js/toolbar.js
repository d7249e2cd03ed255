/* The tools under the image: zoom, reset, invert, brightness, contrast, frames; and their keys. The look is kept on the device. */

import * as dialog from "./dialog.js";
import { cleaned, PLAIN } from "./stretch.js";
import { text } from "./texts.js";

const ZOOM = 1.4;
const PAN_PX = 80;
const KEY = "hunter.display";
const PANS = { "pan-left": [PAN_PX, 0], "pan-right": [-PAN_PX, 0], "pan-up": [0, PAN_PX], "pan-down": [0, -PAN_PX] };

export class Toolbar {
  constructor(root, viewer) {
    Object.assign(this, { root, viewer });
    this.zoom = root.querySelector("[data-zoom]");
    viewer.addEventListener("view", () => this.#draw());
    viewer.addEventListener("frame", () => this.frames(viewer.frame, viewer.frames.length));
    const toggle = root.querySelector("[data-tools-toggle]");
    toggle.addEventListener("click", () => {
      const open = root.querySelector("[data-tools]").classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
    });
    this.#restore();
    this.#draw();
  }

  #restore() {
    try {
      this.#adjust(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
    } catch {
      /* Nothing kept, or storage forbidden: the plain look. */
    }
  }

  #adjust(change) {
    const { display } = this.viewer;
    Object.assign(display, cleaned({ ...display, ...change }));
    this.root.querySelector("[data-action=invert]").setAttribute("aria-pressed", String(display.invert));
    try {
      localStorage.setItem(KEY, JSON.stringify(display));
    } catch {
      /* As above. */
    }
  }

  #draw() {
    this.zoom.textContent = `${Math.round(100 * this.viewer.view.scale)}%`;
  }

  /** Which frame of how many. */
  frames(index, total) {
    const button = this.root.querySelector("[data-frames]");
    button.hidden = total < 2;
    button.textContent = text("sub_frame", { number: index + 1, total });
  }

  /** How many answers this visit. */
  session(count) {
    const node = this.root.querySelector("[data-session]");
    node.hidden = count === 0;
    node.textContent = text("session", { count });
  }

  act(name) {
    if (name === "zoom-in") this.viewer.zoom(ZOOM);
    else if (name === "zoom-out") this.viewer.zoom(1 / ZOOM);
    else if (name === "invert") this.#adjust({ invert: !this.viewer.display.invert });
    else if (name === "help") dialog.open("keys");
    else if (name === "fit") this.viewer.fit();
    else if (name === "one-to-one") this.viewer.oneToOne();
    else if (name === "turn") this.viewer.turn(90);
    else if (name === "turn-back") this.viewer.turn(-90);
    else if (name === "frame") this.viewer.showFrame(this.viewer.frame + 1);
    else if (name === "frame-back") this.viewer.showFrame(this.viewer.frame - 1);
    else if (name === "reset") {
      this.#adjust(PLAIN);
      this.viewer.reset();
    } else if (PANS[name]) this.viewer.pan(...PANS[name]);
  }
}
