import assert from "node:assert/strict";
import test from "node:test";

import { action, answerLetters } from "../../static/js/keys.js";
import * as task from "../../static/js/task.js";

const ANSWERS = [{ key: "yes", next: "T1" }, { key: "no" }, { key: "impossible" }];
const STEPS = { first: "T0", steps: { T0: { type: "single", answers: ANSWERS }, T1: { type: "segment", max: 5 } } };
const MARK = { frame: 0, x1: 1, y1: 2, x2: 3, y2: 4 };
const SAID = {
  id: "6f1d2c3b-0000-4000-8000-000000000000",
  config: { workflow: "classify", version: "1.0", steps: STEPS },
  subject: { id: 51, serve: "s9", version: "1.1" },
  marks: [MARK],
  viewer: { invert: true },
  startedAt: "2026-01-01T00:00:00Z",
  finishedAt: "2026-01-01T00:00:07Z",
};

test("a body has every field of the API", () => {
  assert.deepEqual(task.body({ ...SAID, answer: "yes" }), {
    id: SAID.id,
    workflow: "classify",
    version: "1.1",
    subject: 51,
    serve: "s9",
    answer: "yes",
    marks: [MARK],
    annotations: { T0: "yes", T1: [MARK] },
    viewer: { invert: true },
    started_at: "2026-01-01T00:00:00Z",
    finished_at: "2026-01-01T00:00:07Z",
  });
});

test("marks made before a change of mind are not sent", () => {
  const body = task.body({ ...SAID, answer: "no" });
  assert.deepEqual([body.marks, body.annotations], [[], { T0: "no" }]);
});

test("a random UUID is one also without crypto.randomUUID", () => {
  const bare = { getRandomValues: (bytes) => bytes.fill(255) };
  assert.equal(task.uuid(bare), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.match(task.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("letters of answers are their first ones, where the viewer does not need them", () => {
  assert.deepEqual(answerLetters(ANSWERS), ["y", "n", null]);
  const review = ["asteroid", "satellite", "arc", "cosmic_ray", "artefact", "nothing"].map((key) => ({ key }));
  assert.deepEqual(answerLetters(review), ["a", "s", null, "c", null, "n"]);
});

test("keys give actions", () => {
  const cases = { 1: "answer", 3: "answer", Y: "answer", Enter: "done", z: "undo", I: "invert", "+": "zoom-in", "?": "help", ArrowLeft: "pan-left" };
  for (const [key, name] of Object.entries(cases)) assert.equal(action({ key }, ANSWERS).name, name, key);
  assert.deepEqual(action({ key: "n" }, ANSWERS), { name: "answer", index: 1 });
  assert.equal(action({ key: "4" }, ANSWERS), null);
  assert.equal(action({ key: "z", ctrlKey: true }, ANSWERS), null);
});
