import assert from "node:assert/strict";
import test from "node:test";

import { colours } from "../../static/js/colours.js";
import { cleaned, codeOf, isPlain, limitsOf, lookup, NO_DATA, PLAIN, previewCodes, sigmaOf, transfer } from "../../static/js/stretch.js";

const grey = (shade) => shade & 255;

test("codes and sigma are the archive's", () => {
  assert.equal(codeOf(0), 800);
  assert.equal(codeOf(3), 824);
  assert.equal(sigmaOf(801), 0.125);
  assert.equal(codeOf(-500), 1);
  assert.equal(codeOf(1e6), 65535);
});

test("the plain look is the preview's: sky at grey 54, a trail of 3 sigma at 102, and back again", () => {
  const table = lookup(PLAIN, limitsOf(PLAIN));
  assert.equal(grey(table[codeOf(0)]), 54);
  assert.equal(grey(table[codeOf(3)]), 102);
  assert.deepEqual([grey(table[codeOf(-5)]), grey(table[codeOf(500)])], [0, 255]);
  const codes = previewCodes();
  assert.equal(codes[0], NO_DATA);
  for (let value = 60; value < 256; value += 1) assert.ok(Math.abs(grey(table[codes[value]]) - value) <= 1, String(value));
});

test("neighbouring codes differ at a high stretch, and no data stays dark under every look", () => {
  const sharp = cleaned({ ...PLAIN, stretch: "linear", limits: "own", low: 30, high: 31 });
  const table = lookup(sharp, limitsOf(sharp));
  assert.ok(grey(table[1043]) - grey(table[1042]) >= 30);
  const plain = lookup(PLAIN, limitsOf(PLAIN));
  assert.equal(plain[1043], plain[1042]);
  assert.equal(lookup({ ...sharp, invert: true }, [30, 31])[NO_DATA], table[NO_DATA]);
});

test("every stretch rises from black to white, and invert turns it round", () => {
  for (const stretch of ["asinh", "linear", "log"]) {
    const up = transfer({ ...PLAIN, stretch }, [-2, 20]);
    const down = transfer({ ...PLAIN, stretch, invert: true }, [-2, 20]);
    const values = [-9, -2, -1, 0, 3, 9, 20, 99].map(up);
    assert.deepEqual(values, [...values].sort((a, b) => a - b), stretch);
    assert.ok(Math.abs(values.at(-1) - 1) < 1e-12 && values[0] === 0);
    assert.ok(Math.abs(up(3) + down(3) - 1) < 1e-12);
  }
});

test("contrast turns about the middle grey and brightness shifts", () => {
  const at = (patch) => transfer({ ...PLAIN, stretch: "linear", ...patch }, [0, 10]);
  assert.equal(at({ contrast: 4 })(5), 0.5);
  assert.ok(Math.abs(at({ contrast: 4 })(6) - 0.9) < 1e-12);
  assert.equal(at({ brightness: 0.25 })(5), 0.75);
});

test("settings are made sound, whatever was stored", () => {
  assert.deepEqual(cleaned(null), { ...PLAIN });
  const wild = cleaned({ stretch: "<b>", limits: 3, low: "x", high: -99, colour: "inferno", invert: "yes", contrast: 1e9, brightness: NaN, other: 1 });
  assert.deepEqual(wild, { ...PLAIN, colour: "inferno", high: -1.875, contrast: 16 });
  assert.ok(isPlain(cleaned({})) && !isPlain(wild));
  assert.deepEqual(limitsOf({ ...PLAIN, limits: "zscale" }, [-1, 4]), [-1, 4]);
  assert.deepEqual(limitsOf({ ...PLAIN, limits: "zscale" }), [-2, 20]);
});

test("colour maps grow brighter all the way", () => {
  for (const name of ["grey", "viridis", "inferno"]) {
    const bright = [...colours(name)].map((c) => 0.2126 * (c & 255) + 0.7152 * ((c >> 8) & 255) + 0.0722 * ((c >> 16) & 255));
    assert.equal(bright.length, 256);
    assert.ok(bright.every((value, i) => i === 0 || value >= bright[i - 1] - 0.5), name);
    assert.ok(bright[255] - bright[0] > 150, name);
  }
});
