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

/* The same numbers each time. */
function numbers(seed) {
  let state = seed;
  return (low, high) => low + (high - low) * ((state = (state * 16807) % 2147483647) / 2147483647);
}

/** A view as the viewer makes them: any size, zoom, turn and place that its own functions can reach. */
function reached(random) {
  const image = { width: Math.round(random(2, 5000)), height: Math.round(random(2, 5000)) };
  const box = { width: random(40, 3000), height: random(40, 2000) };
  const anywhere = () => ({ x: random(0, box.width), y: random(0, box.height) });
  let view = geometry.fit(image, box);
  for (let step = 0; step < 6; step += 1) {
    view = geometry.zoomAt(view, anywhere(), random(0.4, 6), image, box);
    view = geometry.turnAt(view, anywhere(), random(0, 1) < 0.7 ? 90 * Math.round(random(-4, 4)) : random(-360, 360), image, box);
    view = geometry.pan(view, random(-900, 900), random(-900, 900), image, box);
    if (step === 3) view = geometry.rebox(view, image, box, { ...box, width: (box.width = random(40, 3000)) });
  }
  return { image, view };
}

/** A registration: none, or some turn, scale, shear and shift. */
function registration(random) {
  if (random(0, 1) < 0.25) return null;
  const [angle, scale, shear] = [random(-Math.PI, Math.PI), random(0.3, 3), random(-0.2, 0.2)];
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return [cos, sin, shear * cos - sin, shear * sin + cos, random(-3000, 3000), random(-3000, 3000)];
}

test("a mark goes to the screen and back within a millionth of a pixel, under any zoom, turn, place and registration", () => {
  const random = numbers(7);
  const turns = new Set();
  for (let i = 0; i < 5000; i += 1) {
    const { image, view } = reached(random);
    const toFirst = registration(random);
    const mark = { x: random(-0.5, image.width - 0.5), y: random(-0.5, image.height - 0.5) };
    const back = geometry.screenToMark(view, geometry.markToScreen(view, mark, toFirst), toFirst);
    assert.ok(geometry.distance(back, mark) < 1e-6, JSON.stringify({ view, toFirst, mark, back }));
    turns.add(view.turn);
  }
  assert.ok([0, 90, 180, 270].every((turn) => turns.has(turn)) && turns.size > 100);
});

test("the screen shows a frame where its transforms put it", () => {
  const view = { scale: 3, turn: 90, tx: 50, ty: 20 };
  const toFirst = [0, 1, -1, 0, 9, 4]; // a quarter turn, and a shift
  const corner = geometry.apply(geometry.onEdges(toFirst), { x: 0, y: 0 });
  const [x, y] = [50 - 3 * corner.y, 20 + 3 * corner.x];
  assert.deepEqual(geometry.markToScreen(view, { x: -0.5, y: -0.5 }, toFirst), { x, y });
  assert.deepEqual(geometry.apply(toFirst, { x: 0, y: 0 }), { x: 9, y: 4 });
});

test("a turn keeps what is fitted fitted, and else the sky under the pointer", () => {
  const tall = { width: 400, height: 1000 };
  const fit = geometry.fit(tall, BOX);
  const turned = geometry.turnAt(fit, { x: 1, y: 1 }, 90, tall, BOX);
  near(turned.scale, Math.min(940 / 1000, 692 / 400));
  near(geometry.markToScreen(turned, { x: 199.5, y: 499.5 }).x, 470);
  const close = geometry.zoomAt(fit, { x: 470, y: 346 }, 8, tall, BOX);
  const point = { x: 480, y: 350 };
  const under = geometry.screenToMark(close, point);
  const again = geometry.screenToMark(geometry.turnAt(close, point, -90, tall, BOX), point);
  near(again.x, under.x);
  near(again.y, under.y);
  assert.equal(geometry.turnAt(close, point, -90, tall, BOX).turn, 270);
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
