/* Keys of answers, as the site makes them of labels: tests/classify/lab/test_editor.py has the same. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { makeKey } from "../../static/js/answer-key.js";

test("a key is the label in small letters, unlike those taken", () => {
  assert.equal(makeKey("Sí, una cola", []), "si_una_cola");
  assert.equal(makeKey(" A comet - or two! ", ["a_comet_or_two"]), "a_comet_or_two_2");
  assert.equal(makeKey("<b>bold</b>", []), "bold");
  assert.equal(makeKey("x".repeat(80), []), "x".repeat(37));
});

test("a label without such letters makes none", () => {
  assert.equal(makeKey("🙂", []), "");
  assert.equal(makeKey("Нет", [""]), "");
});
