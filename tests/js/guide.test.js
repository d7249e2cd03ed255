/* The field guide's place, and the tutorial's pages. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { placeFrom, slugOf } from "../../static/js/side-panel.js";
import { seen, turned } from "../../static/js/tutorial.js";

test("an address names an entry, or none", () => {
  assert.equal(slugOf("#guide-cosmic-ray"), "cosmic-ray");
  assert.equal(slugOf("#guide-panel<script>"), "");
  assert.equal(slugOf("#main"), "");
});

test("a kept place is read with care", () => {
  assert.deepEqual(placeFrom('{"slug":"ghost","top":120}'), { slug: "ghost", top: 120 });
  for (const broken of [null, "", "{", "null", '{"top":"x"}']) assert.deepEqual(placeFrom(broken), { slug: "", top: 0 });
});

test("a tutorial is seen for one version of one workflow", () => {
  assert.equal(seen("classify", "1.1", undefined, { classify: "1.1" }), true);
  assert.equal(seen("classify", "1.1", { classify: "1.0" }, {}), false);
  assert.equal(seen("review", "1.1", { classify: "1.1" }, null), false);
});

test("keys turn pages and stop at both ends", () => {
  assert.equal(turned("ArrowRight", 0, 5), 1);
  assert.equal(turned("ArrowRight", 5, 5), 5);
  assert.equal(turned("ArrowLeft", 0, 5), 0);
  assert.equal(turned("ArrowLeft", 0, 5, true), 1);
  assert.equal(turned("End", 2, 5), 5);
  assert.equal(turned("Home", 2, 5), 0);
  assert.equal(turned("Enter", 2, 5), null);
});
