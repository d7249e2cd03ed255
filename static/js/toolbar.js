/* The tools under the image and their keys: the view, the look (stretch, limits, contrast ...), the frames. */

import * as dialog from "./dialog.js";
import { Compass } from "./compass.js";
import { Display } from "./display.js";
import { Frames } from "./frames.js";
import * as fullscreen from "./fullscreen.js";
import { Look } from "./look.js";
import { Preferences } from "./preferences.js";
import { text } from "./texts.js";

const ZOOM = 1.4;
const PAN_PX = 80;

export class Toolbar {
  constructor(root, viewer) {
    const find = (name) => root.querySelector(`[data-${name}]`);
    Object.assign(this, { root, viewer, zoom: find("zoom"), tools: find("tools"), toggle: find("tools-toggle"), look: null });
    const { preferences_url: url, preferences: stored } = JSON.parse(document.getElementById("classify-config")?.textContent ?? "{}");
    this.preferences = new Preferences({ url, stored });
    const save = (values) => this.preferences.save(values);
    this.display = new Display(viewer, { worker: viewer.root.dataset.worker, settings: this.preferences.values, onChange: save });
    this.frames = new Frames(find("frames"), viewer, { speed: this.preferences.values.blink, onSpeed: (blink) => save({ blink }) });
    this.compass = new Compass(viewer, this.display);
    this.look = new Look(root, this.display);
    this.acts = this.#acts();
    viewer.addEventListener("view", () => this.#draw());
    viewer.addEventListener("window", ({ detail }) => this.display.drag(detail.dx, detail.dy));
    this.toggle.addEventListener("click", () => this.#openTools());
    fullscreen.watch((on) => this.#press("fullscreen", on));
    this.#draw();
  }

  #acts() {
    const { viewer, display, frames } = this;
    const pan = (x, y) => () => viewer.pan(x * PAN_PX, y * PAN_PX);
    return {
      "zoom-in": () => viewer.zoom(ZOOM),
      "zoom-out": () => viewer.zoom(1 / ZOOM),
      fit: () => viewer.fit(),
      "one-to-one": () => viewer.oneToOne(),
      turn: () => viewer.turn(90),
      "turn-back": () => viewer.turn(-90),
      north: () => this.compass.northUp(),
      reset: () => this.#reset(),
      "pan-left": pan(1, 0),
      "pan-right": pan(-1, 0),
      "pan-up": pan(0, 1),
      "pan-down": pan(0, -1),
      fullscreen: () => fullscreen.toggle(),
      window: () => this.#window(),
      display: () => this.look.toggle(),
      auto: () => display.reset(),
      pixels: () => display.askForPixels(),
      frame: () => frames.show(viewer.frame + 1),
      "frame-back": () => frames.show(viewer.frame - 1),
      blink: () => frames.toggle(),
      "blink-speed": () => frames.faster(),
      help: () => dialog.open("keys"),
    };
  }

  #reset() {
    this.display.reset();
    this.viewer.reset();
  }

  /** Drags set contrast and brightness instead of moving the image. */
  #window() {
    this.viewer.windowing = !this.viewer.windowing;
    this.viewer.root.classList.toggle("is-windowing", this.viewer.windowing);
    this.#press("window", this.viewer.windowing);
  }

  #press(name, on) {
    this.root.querySelector(`[data-action="${name}"]`).setAttribute("aria-pressed", String(on));
  }

  #openTools() {
    const open = this.tools.classList.toggle("is-open");
    this.toggle.setAttribute("aria-expanded", String(open));
    if (!open) this.look.close();
  }

  #draw() {
    this.zoom.textContent = `${Math.round(100 * this.viewer.view.scale)}%`;
  }

  /** How many answers this visit. */
  session(count) {
    const node = this.root.querySelector("[data-session]");
    node.hidden = count === 0;
    node.textContent = text("session", { count });
  }

  act(name) {
    (this.acts[name] ?? (() => this.look.act(name)))();
  }
}
