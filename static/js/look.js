/* The panel of the look: stretch, limits, contrast, brightness, colours, and the curve they make over the histogram of the image. */

import { COLOURS, cleaned, LIMIT_MODES, STRETCHES, transfer } from "./stretch.js";
import { text } from "./texts.js";

const CYCLES = { stretch: STRETCHES, limits: LIMIT_MODES.filter((mode) => mode !== "own"), colour: COLOURS };
const CONTRAST_STEP = 1.15;
const BRIGHTNESS_STEP = 0.04;
const SAYS = 2000;

const next = (list, value) => list[(list.indexOf(value) + 1) % list.length];

export class Look {
  constructor(root, display) {
    const panel = root.querySelector("[data-look]");
    Object.assign(this, { root, panel, display, opener: root.querySelector("[data-action=display]"), note: root.querySelector("[data-note]") });
    this.curve = panel.querySelector("[data-curve]");
    this.source = [...root.querySelectorAll("[data-source]")];
    this.asks = panel.querySelector("[data-action=pixels]");
    panel.addEventListener("click", ({ target }) => this.#clicked(target.closest("button[data-set]")));
    panel.addEventListener("input", ({ target }) => target.matches("[type=range]") && this.#slid(target));
    panel.addEventListener("change", ({ target }) => target.matches("[type=number]") && this.#typed(target));
    panel.addEventListener("keydown", (event) => this.#key(event));
    display.addEventListener("look", () => this.#draw());
    this.#draw();
  }

  #clicked(button) {
    if (button) this.display.change({ [button.dataset.set]: button.dataset.value });
  }

  #slid({ name, value }) {
    this.display.change({ [name]: name === "contrast" ? 2 ** Number(value) : Number(value) });
  }

  #typed({ name, value }) {
    const [low, high] = this.display.limits;
    if (value !== "") this.display.change({ limits: "own", low, high, [name]: Number(value) });
  }

  #key(event) {
    if (event.key === "Escape") this.close();
    else if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault(); // Enter in a field means this field, not Done
    event.stopPropagation();
    if (event.key === "Enter" && event.target.type === "number") this.#typed(event.target);
  }

  toggle() {
    const inside = this.panel.contains(document.activeElement);
    this.panel.hidden = !this.panel.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (inside) this.opener.focus();
    this.#draw();
  }

  close() {
    if (!this.panel.hidden) this.toggle();
  }

  act(name) {
    const { settings } = this.display;
    if (CYCLES[name]) this.#change({ [name]: next(CYCLES[name], settings[name]) });
    else if (name === "invert") this.#change({ invert: !settings.invert });
    else if (name === "more-contrast") this.#change({ contrast: settings.contrast * CONTRAST_STEP });
    else if (name === "less-contrast") this.#change({ contrast: settings.contrast / CONTRAST_STEP });
    else if (name === "brighter") this.#change({ brightness: settings.brightness + BRIGHTNESS_STEP });
    else if (name === "darker") this.#change({ brightness: settings.brightness - BRIGHTNESS_STEP });
  }

  /** By key: what is set now is said for a moment, as the panel may be closed. */
  #change(patch) {
    this.display.change(patch);
    const { stretch, limits, colour, contrast, brightness, invert } = this.display.settings;
    const words = { stretch: () => text(`stretch_${stretch}`), limits: () => text(`limits_${limits}`), colour: () => text(`colour_${colour}`) };
    const figures = {
      contrast: () => text("contrast_is", { value: contrast.toFixed(2) }),
      brightness: () => text("brightness_is", { value: brightness.toFixed(2) }),
      invert: () => text(invert ? "inverted" : "not_inverted"),
    };
    this.#say({ ...words, ...figures }[Object.keys(patch)[0]]());
  }

  #say(words) {
    clearTimeout(this.timer);
    this.note.textContent = words;
    this.note.hidden = false;
    this.timer = setTimeout(() => (this.note.hidden = true), SAYS);
  }

  // --- drawing

  #draw() {
    const { settings, source, pixels, limits } = this.display;
    this.root.querySelector("[data-action=invert]").setAttribute("aria-pressed", String(settings.invert));
    for (const node of this.source) node.textContent = text(source === 16 ? "source_16" : "source_8");
    this.asks.hidden = pixels !== "asks";
    if (this.panel.hidden) return;
    for (const button of this.panel.querySelectorAll("button[data-set]")) {
      button.setAttribute("aria-pressed", String(settings[button.dataset.set] === button.dataset.value));
    }
    this.#fill("contrast", Math.log2(settings.contrast));
    this.#fill("brightness", settings.brightness);
    this.#fill("low", Number(limits[0].toFixed(3)));
    this.#fill("high", Number(limits[1].toFixed(3)));
    this.#drawCurve();
  }

  #fill(name, value) {
    const input = this.panel.querySelector(`input[name=${name}]`);
    if (input !== document.activeElement || input.type === "range") input.value = String(value);
  }

  /** How bright each value is shown, over how often it occurs. */
  #drawCurve() {
    const { settings, limits, viewer } = this.display;
    const { low, high, counts } = viewer.plate?.histogram ?? { low: -5, high: 30, counts: [] };
    const most = Math.sqrt(Math.max(1, ...counts));
    const bars = counts.map((count, index) => {
      const x = (index / counts.length) * 100;
      return `M${x.toFixed(1)} 40v${(-40 * Math.sqrt(count)) / most}`;
    });
    const shade = transfer(cleaned(settings), limits);
    const points = Array.from({ length: 101 }, (_, x) => `${x} ${(38 - 36 * shade(low + (x / 100) * (high - low))).toFixed(1)}`);
    this.curve.querySelector("[data-bars]").setAttribute("d", bars.join("") || "M0 40");
    this.curve.querySelector("[data-line]").setAttribute("d", `M${points.join("L")}`);
  }
}
