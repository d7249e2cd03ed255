import assert from "node:assert/strict";
import test from "node:test";

import * as geometry from "../../static/js/geometry.js";

const IMAGE = { width: 1024, height: 1024 };
const BOX = { width: 940, height: 692 };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("the first pixel spans 0 to 1 and has its centre at 0", () => {
  assert.equal(geometry.toCentre(0), -0.5);
  assert.equal(geometry.toCentre(0.5), 0);
  assert.equal(geometry.toEdge(0), 0.5);
});

test("fit shows the whole image in the middle", () => {
  const view = geometry.fit(IMAGE, BOX);
  near(view.scale, 692 / 1024);
  near(view.tx, (940 - 692) / 2);
  near(view.ty, 0);
});

test("a mark goes to the screen and back under any view", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 500; i += 1) {
    const view = { scale: 0.1 + 15 * random(), tx: 2000 * random() - 1000, ty: 2000 * random() - 1000 };
    const mark = { x: 1024 * random() - 0.5, y: 1024 * random() - 0.5 };
    const back = geometry.screenToMark(view, geometry.markToScreen(view, mark));
    near(back.x, mark.x);
    near(back.y, mark.y);
  }
});

test("the middle of the first pixel on the screen is mark (0, 0)", () => {
  const view = { scale: 8, tx: 100, ty: 50 };
  assert.deepEqual(geometry.screenToMark(view, { x: 104, y: 54 }), { x: 0, y: 0 });
});

test("zooming keeps the sky under the pointer", () => {
  const point = { x: 500, y: 300 };
  const before = geometry.fit(IMAGE, BOX);
  const under = geometry.screenToMark(before, point);
  const after = geometry.zoomAt(before, point, 3, IMAGE, BOX);
  near(after.scale, 3 * before.scale);
  const again = geometry.screenToMark(after, point);
  near(again.x, under.x);
  near(again.y, under.y);
});

test("zoom stays between the whole image and sixteen screen pixels a pixel", () => {
  const fit = geometry.fit(IMAGE, BOX);
  assert.deepEqual(geometry.zoomAt(fit, { x: 10, y: 10 }, 0.01, IMAGE, BOX), fit);
  near(geometry.zoomAt(fit, { x: 470, y: 346 }, 1e6, IMAGE, BOX).scale, geometry.MAX_SCALE);
});

test("panning cannot lose the image", () => {
  const close = geometry.zoomAt(geometry.fit(IMAGE, BOX), { x: 470, y: 346 }, 4, IMAGE, BOX);
  const view = geometry.pan(close, 1e5, -1e5, IMAGE, BOX);
  near(view.tx, 0);
  near(view.ty, BOX.height - close.scale * 1024);
});

test("a change of the box keeps a fitted image fitted, and a close one centred on the same sky", () => {
  const smaller = { width: 390, height: 500 };
  const fit = geometry.fit(IMAGE, BOX);
  assert.deepEqual(geometry.rebox(fit, IMAGE, BOX, smaller), geometry.fit(IMAGE, smaller));
  const close = geometry.zoomAt(fit, { x: 470, y: 346 }, 6, IMAGE, BOX);
  const middle = geometry.screenToMark(close, { x: 470, y: 346 });
  const again = geometry.screenToMark(geometry.rebox(close, IMAGE, BOX, smaller), { x: 195, y: 250 });
  near(again.x, middle.x);
  near(again.y, middle.y);
});

test("marks are kept on the image", () => {
  assert.deepEqual(geometry.clampMark({ x: -9, y: 2000 }, IMAGE), { x: -0.5, y: 1023.5 });
});
