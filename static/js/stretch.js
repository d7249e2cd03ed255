/* From 16-bit codes to what the screen shows. Pure.
   A code is round(8 s) + 800, where s is the value above the sky in units of the sky's noise (sigma); 0 means: no data.
   The 8-bit preview is asinh between -2 and 60 sigma with a softening of 2; the plain display draws the same from 16 bits. */

import { colours } from "./colours.js";

export const STEPS_PER_SIGMA = 8;
export const CODE_OF_SKY = 800;
export const NO_DATA = 0;
export const CODES = 65536;
const SOFTENING = 2;
const LOG_DEPTH = 1000;
const VOID = 0xff0a0604; // where there are no data: --sky, in every stretch; bytes as they lie in memory: red first

export const sigmaOf = (code) => (code - CODE_OF_SKY) / STEPS_PER_SIGMA;
export const codeOf = (sigma) => Math.min(Math.max(Math.round(STEPS_PER_SIGMA * sigma) + CODE_OF_SKY, 1), CODES - 1);

/** Limits in sigma: black and white. "zscale" has its own for each image, "own" those that were typed. */
export const LIMITS = { wide: [-2, 60], middle: [-2, 20], faint: [-1.5, 6] };
export const LIMIT_MODES = [...Object.keys(LIMITS), "zscale", "own"];
export const STRETCHES = ["asinh", "linear", "log"];
export const COLOURS = ["grey", "viridis", "inferno"];

/** How the preview looks. */
export const PLAIN = Object.freeze({
  stretch: "asinh", limits: "wide", low: -2, high: 60, colour: "grey", invert: false, contrast: 1, brightness: 0,
});

const CONTRAST = [0.25, 16];

const within = (value, least, most, otherwise) => (Number.isFinite(value) ? Math.min(Math.max(value, least), most) : otherwise);
const oneOf = (value, allowed, otherwise) => (allowed.includes(value) ? value : otherwise);
const rounded = (value, step) => Math.round(value / step) * step;

/** Settings as they can be drawn, whatever was stored. */
export function cleaned(display) {
  const low = within(display?.low, -99, 8000, PLAIN.low);
  return {
    stretch: oneOf(display?.stretch, STRETCHES, PLAIN.stretch),
    limits: oneOf(display?.limits, LIMIT_MODES, PLAIN.limits),
    low,
    high: Math.max(within(display?.high, -99, 8091, PLAIN.high), low + 1 / STEPS_PER_SIGMA),
    colour: oneOf(display?.colour, COLOURS, PLAIN.colour),
    invert: display?.invert === true,
    contrast: Number(within(display?.contrast, ...CONTRAST, 1).toFixed(3)),
    brightness: Number(within(rounded(display?.brightness, 0.005), -1, 1, 0).toFixed(3)),
  };
}

/** Does it look like the preview? */
export function isPlain(display) {
  const wide = display.limits === "wide" || (display.limits === "own" && display.low === -2 && display.high === 60);
  const same = ["stretch", "colour", "invert", "contrast", "brightness"].every((name) => display[name] === PLAIN[name]);
  return wide && same;
}

/** [black, white] in sigma; `zscale`: those of the image, where they are known. */
export function limitsOf(display, zscale = null) {
  if (display.limits === "own") return [display.low, display.high];
  return display.limits === "zscale" ? zscale ?? LIMITS.middle : LIMITS[display.limits];
}

/** The curve from 0 ... 1 (between the limits) to 0 ... 1, before contrast and brightness. */
function curve(stretch, span) {
  if (stretch === "asinh") {
    const most = Math.asinh(span / SOFTENING);
    return (x) => Math.asinh((x * span) / SOFTENING) / most;
  }
  if (stretch === "log") return (x) => Math.log1p(LOG_DEPTH * x) / Math.log1p(LOG_DEPTH);
  return (x) => x;
}

/** A function from sigma to grey, 0 ... 1. */
export function transfer(display, [low, high]) {
  const bend = curve(display.stretch, high - low);
  return (sigma) => {
    const x = Math.min(Math.max((sigma - low) / (high - low), 0), 1);
    const grey = (bend(x) - 0.5) * display.contrast + 0.5 + display.brightness;
    const shown = Math.min(Math.max(grey, 0), 1);
    return display.invert ? 1 - shown : shown;
  };
}

/** The colour of each of the 65,536 codes, as it lies in the memory of an image (RGBA, little-endian). */
export function lookup(display, limits) {
  const grey = transfer(display, limits);
  const palette = colours(display.colour);
  const table = new Uint32Array(CODES);
  /* Beyond the limits nothing changes any more. */
  const [first, last] = limits.map(codeOf);
  table.fill(palette[Math.round(255 * grey(limits[0]))], 0, first);
  table.fill(palette[Math.round(255 * grey(limits[1]))], last);
  for (let code = first; code <= last; code += 1) table[code] = palette[Math.round(255 * grey(sigmaOf(code)))];
  table[NO_DATA] = VOID;
  return table;
}

/** The code of each grey of the 8-bit preview: its stretch taken back. */
export function previewCodes() {
  const [low, high] = LIMITS.wide;
  const most = Math.asinh((high - low) / SOFTENING);
  return Uint16Array.from({ length: 256 }, (_, grey) => (grey === 0 ? NO_DATA : codeOf(SOFTENING * Math.sinh((grey / 255) * most) + low)));
}
