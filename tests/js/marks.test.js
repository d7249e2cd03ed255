import assert from "node:assert/strict";
import test from "node:test";

import * as marks from "../../static/js/marks.js";

const IMAGE = { width: 1024, height: 1024 };
const two = (state, a, b) => marks.place(marks.place(state, 0, a, IMAGE), 0, b, IMAGE);

test("two clicks make a mark", () => {
  const first = marks.place(marks.none(), 0, { x: 10, y: 20 }, IMAGE);
  assert.deepEqual(first.pending, { frame: 0, x: 10, y: 20 });
  assert.deepEqual(marks.forApi(first.marks), []);
  const both = marks.place(first, 0, { x: 110.126, y: 220 }, IMAGE);
  assert.equal(both.pending, null);
  assert.deepEqual(marks.forApi(both.marks), [{ frame: 0, x1: 10, y1: 20, x2: 110.13, y2: 220 }]);
});

test("a click on the same spot is no second end", () => {
  const state = two(marks.none(), { x: 10, y: 20 }, { x: 11, y: 20 });
  assert.deepEqual(state.pending, { frame: 0, x: 10, y: 20 });
  assert.deepEqual(state.marks, []);
});

test("a second click on another frame begins anew", () => {
  const state = marks.place(marks.place(marks.none(), 0, { x: 1, y: 1 }, IMAGE), 1, { x: 9, y: 9 }, IMAGE);
  assert.deepEqual(state.pending, { frame: 1, x: 9, y: 9 });
});

test("there is room for so many and no more", () => {
  let state = marks.none(2);
  for (let i = 0; i < 4; i += 1) state = two(state, { x: 10 * i, y: 0 }, { x: 10 * i, y: 99 });
  assert.equal(state.marks.length, 2);
  assert.equal(state.pending, null);
});

test("ends move, marks go, nothing else changes", () => {
  const start = two(two(marks.none(), { x: 1, y: 2 }, { x: 30, y: 40 }), { x: 5, y: 6 }, { x: 70, y: 80 });
  const [a, b] = start.marks;
  const moved = marks.move(start, b.key, 2, { x: 71, y: 5000 }, IMAGE);
  assert.deepEqual(marks.forApi(moved.marks)[1], { frame: 0, x1: 5, y1: 6, x2: 71, y2: 1023.5 });
  assert.deepEqual(moved.marks[0], a);
  assert.deepEqual(marks.remove(moved, a.key).marks.map((mark) => mark.key), [b.key]);
  assert.equal(start.marks.length, 2);
});

test("a suggestion is kept with its id, corrected, and let go", () => {
  const suggestion = { id: "d7", x1: 300, y1: 700, x2: 620, y2: 520 };
  const kept = marks.toggleKept(marks.none(), suggestion, IMAGE);
  assert.deepEqual(marks.forApi(kept.marks), [{ frame: 0, x1: 300, y1: 700, x2: 620, y2: 520, suggestion: "d7" }]);
  const moved = marks.move(kept, kept.marks[0].key, 1, { x: 298, y: 701 }, IMAGE);
  assert.equal(marks.forApi(moved.marks)[0].suggestion, "d7");
  assert.deepEqual(marks.toggleKept(moved, suggestion, IMAGE).marks, []);
});

test("a line beside another keeps its distance", () => {
  const points = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 20, y: 0 }];
  assert.deepEqual(marks.beside(points, 3).map(({ x, y }) => `${x + 0} ${y}`), ["0 3", "10 3", "20 3"]);
});
