import assert from "node:assert/strict";
import test from "node:test";

import { between, dayAt, dayByKey, dayNumber, isEverything, isoDay, nearest, shares, shifted, withEnd } from "../../static/js/brush.js";

const limits = { first: dayNumber("2026-01-01"), last: dayNumber("2026-01-10") };
const days = (since, until) => ({ since: dayNumber(since), until: dayNumber(until) });

test("days go there and back, also over leap days and changes of clocks", () => {
  for (const iso of ["1999-12-31", "2024-02-29", "2026-03-29", "2026-10-25"]) assert.equal(isoDay(dayNumber(iso)), iso);
  assert.equal(dayNumber("2024-03-01") - dayNumber("2024-02-28"), 2);
});

test("a place on the axis is a day, and a range covers its days wholly", () => {
  assert.equal(isoDay(dayAt(0, limits)), "2026-01-01");
  assert.equal(isoDay(dayAt(0.999, limits)), "2026-01-10");
  assert.equal(isoDay(dayAt(-3, limits)), "2026-01-01");
  assert.equal(isoDay(dayAt(7, limits)), "2026-01-10");
  assert.deepEqual(shares(days("2026-01-01", "2026-01-10"), limits), [0, 1]);
  assert.deepEqual(shares(days("2026-01-02", "2026-01-02"), limits), [0.1, 0.2]);
});

test("an end passes neither the other one nor the axis; the whole keeps its length", () => {
  const range = days("2026-01-03", "2026-01-05");
  assert.deepEqual(withEnd(range, "since", dayNumber("2026-01-09"), limits), days("2026-01-05", "2026-01-05"));
  assert.deepEqual(withEnd(range, "until", dayNumber("2027-01-01"), limits), days("2026-01-03", "2026-01-10"));
  assert.deepEqual(shifted(range, 99, limits), days("2026-01-08", "2026-01-10"));
  assert.deepEqual(shifted(range, -99, limits), days("2026-01-01", "2026-01-03"));
  assert.deepEqual(between(range.until, range.since), range);
  assert.equal(isEverything(range, limits), false);
  assert.equal(isEverything(days("2026-01-01", "2026-01-10"), limits), true);
});

test("keys move an end by a day, by a month, and to the ends of the axis", () => {
  const day = dayNumber("2026-01-05");
  assert.equal(dayByKey("ArrowRight", day, limits), day + 1);
  assert.equal(dayByKey("ArrowDown", day, limits), day - 1);
  assert.equal(dayByKey("PageUp", day, limits), limits.last);
  assert.equal(dayByKey("Home", day, limits), limits.first);
  assert.equal(dayByKey("Enter", day, limits), null);
});

test("the nearest point is read out", () => {
  const points = [[10, "a"], [20, "b"], [40, "c"]];
  assert.deepEqual([-5, 14, 16, 33, 400].map((x) => points[nearest(points, x)][1]), ["a", "a", "b", "c", "c"]);
});
