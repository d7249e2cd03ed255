/* The frames of a subject: a strip of numbers, and blinking. Nothing blinks unless somebody starts it, and it ends with the subject. */

import { text } from "./texts.js";

/* Frames a second. Above three a second, flashing light can harm people (WCAG 2.3.1). */
export const SPEEDS = [1, 2, 3];

export class Frames {
  /** speed: the one kept; onSpeed(speed): a person chose another. */
  constructor(root, viewer, { speed, onSpeed }) {
    Object.assign(this, { root, viewer, onSpeed, speed: SPEEDS.includes(speed) ? speed : SPEEDS[1], timer: null });
    this.strip = root.querySelector("[data-frame-strip]");
    this.play = root.querySelector("[data-action=blink]");
    this.pace = root.querySelector("[data-action=blink-speed]");
    viewer.addEventListener("open", () => this.#opened());
    viewer.addEventListener("frame", () => this.#draw());
    viewer.root.addEventListener("pointerdown", () => this.stop()); // who points at something wants it to stay
    this.strip.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.show(Number(button.dataset.frame));
    });
    this.#draw();
  }

  #opened() {
    this.stop();
    const { frames } = this.viewer;
    this.root.hidden = frames.length < 2;
    this.strip.replaceChildren(...frames.map((_, index) => this.#button(index, frames.length)));
  }

  #button(index, total) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button-quiet frame-button data", textContent: String(index + 1) });
    button.dataset.frame = String(index);
    button.setAttribute("aria-label", text("sub_frame", { number: index + 1, total }));
    return button;
  }

  #draw() {
    [...this.strip.children].forEach((button, index) => button.setAttribute("aria-pressed", String(index === this.viewer.frame)));
    this.play.setAttribute("aria-pressed", String(this.timer !== null));
    this.pace.textContent = text("blink_speed", { speed: this.speed });
  }

  /** Show a frame and stay there. */
  show(index) {
    this.stop();
    this.viewer.showFrame(index);
  }

  async toggle() {
    if (this.timer !== null) return this.stop();
    const { plates } = this.viewer;
    if (plates.length < 2) return;
    await Promise.all(plates.map((plate) => plate.ready)); // so that no frame comes blank
    if (plates === this.viewer.plates && this.timer === null) this.#start();
  }

  #start() {
    this.timer = setInterval(() => this.viewer.showFrame(this.viewer.frame + 1), 1000 / this.speed);
    this.#draw();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.#draw();
  }

  /** The next of the speeds. */
  faster() {
    this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length];
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.#start();
    }
    this.#draw();
    this.onSpeed(this.speed);
  }
}
