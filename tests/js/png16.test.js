import assert from "node:assert/strict";
import test from "node:test";
import zlib from "node:zlib";

import { decode, PngError } from "../../static/js/png16.js";

const WIDTH = 37;
const HEIGHT = 25;
let seed = 11;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const PIXELS = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % 3 ? Math.floor(65536 * random()) : 800 + (i % 9)));
const ROW = 2 * WIDTH;

function rows() {
  const bytes = new Uint8Array(ROW * HEIGHT);
  PIXELS.forEach((value, i) => bytes.set([value >> 8, value & 255], 2 * i));
  return bytes;
}

function paeth(a, b, c) {
  const near = [a, b, c].map((each) => Math.abs(a + b - c - each));
  return [a, b, c][near.indexOf(Math.min(...near))];
}

/** Row y by filter y % 5, so that each filter meets each other one. */
function filtered(type = null) {
  const plain = rows();
  const out = [];
  for (let y = 0; y < HEIGHT; y += 1) {
    const filter = type ?? y % 5;
    out.push(filter);
    for (let x = 0; x < ROW; x += 1) {
      const at = (dx, dy) => (x - dx < 0 || y - dy < 0 ? 0 : plain[(y - dy) * ROW + x - dx]);
      const guess = [0, at(2, 0), at(0, 1), (at(2, 0) + at(0, 1)) >> 1, paeth(at(2, 0), at(0, 1), at(2, 1))][filter % 5];
      out.push((at(0, 0) - guess) & 255);
    }
  }
  return Buffer.from(out);
}

function chunk(name, data) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, data, Buffer.alloc(4)]); // the checksum is not looked at: zlib has its own
}

function png({ depth = 16, colour = 0, interlace = 0, data = zlib.deflateSync(filtered()), width = WIDTH } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([depth, colour, 0, 0, interlace], 8);
  const half = data.length >> 1;
  const parts = [chunk("IHDR", header), chunk("tEXt", Buffer.from("a\0b")), chunk("IDAT", data.subarray(0, half)), chunk("IDAT", data.subarray(half))];
  return new Uint8Array(Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts, chunk("IEND", Buffer.alloc(0))]));
}

test("every row filter is taken back, over several parts of data", async () => {
  const image = await decode(png());
  assert.deepEqual([image.width, image.height], [WIDTH, HEIGHT]);
  assert.deepEqual(image.data, PIXELS);
});

test("anything else is refused with a reason", async () => {
  const cases = [
    [new Uint8Array(40), /not a PNG/],
    [png({ depth: 8 }), /not a 16-bit grey/],
    [png({ colour: 2 }), /not a 16-bit grey/],
    [png({ interlace: 1 }), /not a 16-bit grey/],
    [png({ width: 0 }), /no size/],
    [png({ width: WIDTH + 1 }), /ends too early/],
    [png({ data: zlib.deflateSync(filtered()).subarray(0, 90) }), /damaged/],
    [png({ data: zlib.deflateSync(filtered(7)) }), /filter 7/],
    [png().subarray(0, 60), /ends too early/],
  ];
  for (const [bytes, reason] of cases) await assert.rejects(decode(bytes), (error) => error instanceof PngError && reason.test(error.message), String(reason));
});
