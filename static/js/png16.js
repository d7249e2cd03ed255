/* Reads 16-bit grey PNG images (not interlaced), which a canvas would cut to 8 bits. PNG specification, third edition (W3C 2025). */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const MOST_PIXELS = 1 << 26;
const BYTES = 2; // of a pixel

/** The image cannot be read; the message says why. */
export class PngError extends Error {}

/** The parts of the file: {name, data}. */
function* chunks(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (SIGNATURE.some((value, index) => bytes[index] !== value)) throw new PngError("not a PNG image");
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    yield { name: String.fromCharCode(...bytes.subarray(at + 4, at + 8)), data: bytes.subarray(at + 8, at + 8 + length) };
    at += 12 + length;
  }
}

function header(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, , , interlace] = data.subarray(8, 13);
  if (depth !== 16 || colour !== 0 || interlace !== 0) throw new PngError("not a 16-bit grey image without interlace");
  if (!width || !height || width * height > MOST_PIXELS) throw new PngError("of no size, or too large");
  return { width, height };
}

async function inflate(parts) {
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    throw new PngError("its data are damaged");
  }
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/* How each filter guesses a byte from those before it: left, above, and above left. */
const GUESSES = [null, (left) => left, (left, up) => up, (left, up) => (left + up) >> 1, paeth];

/** Take the filter of one row back, in place; `up`: the row above (zeros above the first). */
function unfilter(type, row, up) {
  if (type >= GUESSES.length) throw new PngError(`it has a filter ${type}, which does not exist`);
  const guess = GUESSES[type];
  if (!guess) return;
  for (let i = 0; i < row.length; i += 1) {
    const left = i < BYTES ? 0 : row[i - BYTES];
    const corner = i < BYTES ? 0 : up[i - BYTES];
    row[i] += guess(left, up[i], corner); // a Uint8Array wraps by itself
  }
}

/** {width, height, data: Uint16Array} of the bytes of a file. */
export async function decode(bytes) {
  let size = null;
  const parts = [];
  for (const { name, data } of chunks(bytes)) {
    if (name === "IHDR") size = header(data);
    else if (name === "IDAT") parts.push(data);
  }
  if (!size || !parts.length) throw new PngError("it ends too early");
  const raw = await inflate(parts);
  const length = BYTES * size.width;
  if (raw.length !== (length + 1) * size.height) throw new PngError("it ends too early");
  const data = new Uint16Array(size.width * size.height);
  let up = new Uint8Array(length);
  for (let y = 0; y < size.height; y += 1) {
    const start = y * (length + 1);
    const row = raw.subarray(start + 1, start + 1 + length);
    unfilter(raw[start], row, up);
    for (let x = 0; x < size.width; x += 1) data[y * size.width + x] = (row[2 * x] << 8) | row[2 * x + 1];
    up = row;
  }
  return { ...size, data };
}
