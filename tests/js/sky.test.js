import assert from "node:assert/strict";
import test from "node:test";

import { newer } from "../../static/js/preferences.js";
import { compass, northUp, scaleBar, toSky, words } from "../../static/js/wcs.js";
import { sample } from "../../static/js/zscale.js";

const STEP = 0.05 / 3600;
const WCS = { crval: [150.1, 2.2], crpix: [511.5, 511.5], cd: [[-STEP, 0], [0, -STEP]] }; // north up, east left: row 0 is at the top

test("north and east, and how to turn north up", () => {
  assert.deepEqual(compass(WCS), { east: [-1, -0], north: [-0, -1] });
  assert.equal(northUp(WCS), 0);
  const north_right = { ...WCS, cd: [[0, -STEP], [STEP, 0]] };
  assert.deepEqual(compass(north_right).north.map(Math.round), [1, 0]);
  assert.equal(northUp(north_right), 270); // a quarter back
});

test("the scale bar has a round length that fits", () => {
  assert.deepEqual(scaleBar(0.05, 100), { arcsec: 5, px: 100, label: "5\u2033" });
  assert.deepEqual(scaleBar(0.003, 110).label, "0.2\u2033");
  for (let scale = 1e-4; scale < 10; scale *= 1.7) {
    const { px } = scaleBar(scale, 110);
    assert.ok(px > 40 && px <= 110.001, String(scale));
  }
});

test("coordinates in words carry over to the next minute and degree", () => {
  assert.deepEqual(words({ ra: 150.1, dec: 2.2 }), { sexagesimal: "10:00:24.00 +02:12:00.0", decimal: "150.10000\u00b0 +2.20000\u00b0" });
  assert.equal(words({ ra: 359.9999999, dec: -0.0000001 }).sexagesimal, "00:00:00.00 \u221200:00:00.0");
  assert.equal(words(toSky(WCS, { x: 511.5, y: 511.5 })).sexagesimal, "10:00:24.00 +02:12:00.0");
});

test("a sample leaves out what has no data", () => {
  assert.deepEqual(sample(Uint16Array.of(0, 5, 0, 6, 7, 0), 2), [5, 6]);
  assert.deepEqual(sample(new Uint16Array(9)), []);
});

test("of settings kept here and at the site the newer ones are right", () => {
  assert.deepEqual(newer({ stretch: "log", at: 2 }, { stretch: "linear", at: 1 }).stretch, "log");
  assert.deepEqual(newer(null, { stretch: "linear", at: 1 }).stretch, "linear");
  assert.deepEqual(newer({ invert: true, brightness: 1 }, { stretch: "linear", at: 1 }).stretch, "linear"); // as they were kept before there was a time
  assert.deepEqual(newer(null, undefined), {});
});
