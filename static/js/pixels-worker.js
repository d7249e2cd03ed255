/* The darkroom: keeps the pixels of a few frames as 16-bit codes, and makes pictures of them. A module worker; asked by darkroom.js.
   Takes {do: "load", key, url} (16 bits), {do: "preview", key, bitmap} (8 bits), {do: "draw", key, ticket, display, limits},
   {do: "value", key, ticket, x, y}, {do: "drop", key}.
   Tells {told: "loaded", key, bits, zscale, histogram}, {told: "failed", key, reason}, {told: "drawn", key, ticket, bits, bitmap}, {told: "missing", key, ticket},
   {told: "value", ticket, code, bits}. */

import { decode } from "./png16.js";
import { codeOf, lookup, previewCodes, sigmaOf } from "./stretch.js";
import { sample, zscale } from "./zscale.js";

const MOST_BYTES = 96 * 2 ** 20;
const planes = new Map(); // key -> {width, height, data, bits}; the one used last stands last
const BINS = { low: -5, high: 30, count: 70 }; // of the histogram, sigma
let table = { key: "", colours: null };

function keep(key, plane) {
  planes.delete(key);
  planes.set(key, plane);
  let bytes = 0;
  for (const each of planes.values()) bytes += each.data.byteLength;
  for (const [old, each] of planes) {
    if (bytes <= MOST_BYTES || old === key) break;
    planes.delete(old);
    bytes -= each.data.byteLength;
  }
}

function use(key) {
  const plane = planes.get(key);
  if (plane) keep(key, plane);
  return plane;
}

/** How often values occur, between BINS.low and BINS.high. */
function histogram(data) {
  const counts = new Array(BINS.count).fill(0);
  const [first, last] = [codeOf(BINS.low), codeOf(BINS.high)];
  for (let i = 0; i < data.length; i += 7) {
    const code = data[i];
    if (code >= first && code < last) counts[Math.floor(((code - first) / (last - first)) * BINS.count)] += 1;
  }
  return { ...BINS, counts };
}

function loaded(key, plane) {
  keep(key, plane);
  const limits = zscale(sample(plane.data))?.map(sigmaOf) ?? null;
  postMessage({ told: "loaded", key, bits: plane.bits, zscale: limits, histogram: histogram(plane.data) });
}

async function load({ key, url }) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the site answered ${response.status}`);
    loaded(key, { ...(await decode(new Uint8Array(await response.arrayBuffer()))), bits: 16 });
  } catch (error) {
    postMessage({ told: "failed", key, reason: error.message });
  }
}

/** The pixels of a preview, as codes of the same kind. */
function preview({ key, bitmap }) {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const rgba = context.getImageData(0, 0, width, height).data;
  const codes = previewCodes();
  const data = new Uint16Array(width * height);
  for (let i = 0; i < data.length; i += 1) data[i] = codes[rgba[4 * i]];
  if (planes.get(key)?.bits !== 16) loaded(key, { width, height, data, bits: 8 });
}

function colours(display, limits) {
  const key = JSON.stringify([display, limits]);
  if (table.key !== key) table = { key, colours: lookup(display, limits) };
  return table.colours;
}

async function draw({ key, ticket, display, limits }) {
  const plane = use(key);
  if (!plane) return postMessage({ told: "missing", key, ticket });
  const { width, height, data, bits } = plane;
  const shades = colours(display, limits);
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < data.length; i += 1) pixels[i] = shades[data[i]];
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
  const bitmap = await createImageBitmap(image);
  postMessage({ told: "drawn", key, ticket, bits, bitmap }, [bitmap]);
}

function value({ key, ticket, x, y }) {
  const plane = planes.get(key);
  const inside = plane && x >= 0 && y >= 0 && x < plane.width && y < plane.height;
  postMessage({ told: "value", ticket, code: inside ? plane.data[y * plane.width + x] : 0, bits: plane?.bits ?? 0 });
}

const WORK = { load, preview, draw, value, drop: ({ key }) => planes.delete(key) };

addEventListener("message", ({ data }) => WORK[data.do](data));
