import assert from "node:assert/strict";
import test from "node:test";

import { aim } from "../../static/js/swipe.js";

test("right is the first answer, left the second, up the third", () => {
  assert.deepEqual(aim(200, 20, 390, 3), { index: 0, amount: 1 });
  assert.deepEqual(aim(-200, -120, 390, 3), { index: 1, amount: 1 });
  assert.deepEqual(aim(10, -300, 390, 3), { index: 2, amount: 1 });
});

test("a short way, down, and up among two are no answer", () => {
  assert.equal(aim(50, 0, 390, 3).amount < 1, true);
  assert.equal(aim(0, 300, 390, 3), null);
  assert.equal(aim(0, -300, 390, 2), null);
  assert.equal(aim(0, 0, 390, 3), null);
});
