import assert from "node:assert/strict";
import test from "node:test";

import * as task from "../../static/js/task.js";

const YES_NO = [{ key: "yes", label: "Yes", next: "T3" }, { key: "no", label: "No", next: "" }];
const STEPS = {
  first: "T0",
  steps: {
    T0: { type: "single", answers: [{ key: "yes", next: "T1" }, { key: "no", next: "" }, { key: "impossible", next: "" }] },
    T1: { type: "segment", max: 1, next: "T2" },
    T2: { type: "single", answers: YES_NO },
    T3: { type: "segment", max: 1, repeat: 4, next: "T2" },
  },
};
const [A, B, C, D, E] = [1, 2, 3, 4, 5].map((n) => ({ frame: 0, x1: n, y1: 0, x2: n, y2: 9 }));

/** Answer in turn: a key for the question in force, a mark to draw it. */
function say(steps, ...things) {
  let said = task.nothing();
  const marks = [];
  for (const thing of things) {
    const path = task.walk(steps, said, marks);
    if (typeof thing === "string") said = task.choose(steps, said, marks, path.question ?? task.shownBelow(steps, path).step, thing);
    else {
      said = task.beforeMark(steps, said, marks);
      marks.push(thing);
    }
  }
  return [said, marks];
}

const end = (steps, ...things) => {
  const finished = task.finish(steps, ...say(steps, ...things));
  return finished.wants ?? task.annotations(steps, finished);
};

test("yes, a line, Done: the fewest clicks are a whole answer", () => {
  assert.deepEqual(end(STEPS, "yes", A), { T0: "yes", T1: [A], T2: ["no"] });
});

test("one more line means that there is another", () => {
  assert.deepEqual(end(STEPS, "yes", A, B), { T0: "yes", T1: [A], T2: ["yes", "no"], T3: [B] });
  assert.deepEqual(end(STEPS, "yes", A, "yes", B, "no"), { T0: "yes", T1: [A], T2: ["yes", "no"], T3: [B] });
  assert.deepEqual(end(STEPS, "yes", A, "no", B), { T0: "yes", T1: [A], T2: ["yes", "no"], T3: [B] });
});

test("five trails are all that can be, and then nothing more is asked", () => {
  const [said, marks] = say(STEPS, "yes", A, B, C, D, E);
  const path = task.walk(STEPS, said, marks);
  assert.deepEqual([path.more, path.question, path.drawing], [false, null, null]);
  assert.deepEqual(task.annotations(STEPS, task.finish(STEPS, said, marks)), { T0: "yes", T1: [A], T2: ["yes", "yes", "yes", "yes"], T3: [B, C, D, E] });
  assert.equal(task.roomFor(STEPS, "yes"), 5);
});

test("what is in force: a question, a line to draw, or either", () => {
  const at = (...things) => {
    const { drawing, question, missing, more } = task.walk(STEPS, ...say(STEPS, ...things));
    return [drawing, question, missing, more];
  };
  assert.deepEqual(at(), [null, "T0", null, false]);
  assert.deepEqual(at("no"), [null, null, null, false]);
  assert.deepEqual(at("yes"), ["T1", null, "T1", true]);
  assert.deepEqual(at("yes", A), [null, "T2", null, true]);
  assert.deepEqual(at("yes", A, "yes"), ["T3", null, "T3", true]);
  assert.deepEqual(at("yes", A, "no"), [null, null, null, true]);
});

test("Done asks for what is missing, and takes a skipped line", () => {
  assert.equal(end(STEPS), "answer");
  assert.equal(end(STEPS, "yes"), "marks");
  const [said] = say(STEPS, "yes");
  assert.deepEqual(task.annotations(STEPS, task.finish(STEPS, task.skip(said, "T1"), [])), { T0: "yes", T1: [], T2: ["no"] });
});

test("marks made before a change of mind are not sent, and come back with it", () => {
  const [said, marks] = say(STEPS, "yes", A, B);
  const no = task.choose(STEPS, said, marks, "T0", "no");
  assert.deepEqual(task.annotations(STEPS, task.finish(STEPS, no, marks)), { T0: "no" });
  const yes = task.choose(STEPS, no, marks, "T0", "yes");
  assert.deepEqual(task.finish(STEPS, yes, marks).visits, [{ step: "T1", marks: [A] }, { step: "T3", marks: [B] }]);
});

test("a removed mark asks anew what was said after it", () => {
  const [said] = say(STEPS, "yes", A, "yes", B, "no");
  assert.deepEqual(task.annotations(STEPS, task.finish(STEPS, task.afterRemoval(STEPS, said), [B])), { T0: "yes", T1: [B], T2: ["no"] });
});

test("a question that Done cannot answer has to be answered", () => {
  const sure = [{ key: "sure", next: "" }, { key: "unsure", next: "" }];
  const steps = { ...STEPS, steps: { ...STEPS.steps, T2: { type: "single", answers: sure } } };
  assert.equal(end(steps, "yes", A), "answer");
  assert.deepEqual(end(steps, "yes", A, "unsure"), { T0: "yes", T1: [A], T2: ["unsure"] });
  assert.deepEqual(task.shownBelow(steps, task.walk(steps, ...say(steps, "yes", A, "unsure"))).key, "unsure");
});

test("questions before a line, several lines in a visit, and two things to draw", () => {
  const steps = {
    first: "kind",
    steps: {
      kind: { type: "single", answers: [{ key: "trail", next: "sure" }, { key: "none", next: "" }] },
      sure: { type: "single", answers: [{ key: "quite", next: "lines" }, { key: "hardly", next: "" }] },
      lines: { type: "segment", max: 2, next: "ghost" },
      ghost: { type: "single", answers: [{ key: "one", next: "there" }, { key: "none", next: "" }, { key: "maybe", next: "" }] },
      there: { type: "segment", max: 1, next: "" },
    },
  };
  assert.equal(end(steps, "trail"), "answer");
  assert.equal(end(steps, "trail", "quite"), "marks");
  assert.equal(end(steps, "trail", "quite", A, B), "answer");
  assert.deepEqual(end(steps, "trail", "hardly"), { kind: "trail", sure: ["hardly"] });
  assert.deepEqual(end(steps, "trail", "quite", A, B, C), { kind: "trail", sure: ["quite"], lines: [A, B], ghost: ["one"], there: [C] });
  /* Once the next question is answered, a line belongs to what it asks for. */
  assert.deepEqual(end(steps, "trail", "quite", A, "one", B), { kind: "trail", sure: ["quite"], lines: [A], ghost: ["one"], there: [B] });
  assert.equal(task.roomFor(steps, "trail"), 3);
});

test("where nothing is suggested, a step may have other words", () => {
  const step = { question: "What is this?", blind_question: "Is there a trail?", instruction: "Keep it." };
  assert.equal(task.words(step, "question", { suggestions: [] }), "Is there a trail?");
  assert.equal(task.words(step, "question", { suggestions: [{}] }), "What is this?");
  assert.equal(task.words(step, "instruction", {}), "Keep it.");
});

test("a body has every field of the API", () => {
  const id = "6f1d2c3b-0000-4000-8000-000000000000";
  const body = task.body({
    id,
    config: { workflow: "classify", version: "1.0", steps: STEPS },
    subject: { id: 51, serve: "s9", version: "1.1" },
    finished: task.finish(STEPS, ...say(STEPS, "yes", A, B)),
    viewer: { invert: true },
    startedAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:00:07Z",
  });
  assert.deepEqual(body, {
    id,
    workflow: "classify",
    version: "1.1",
    subject: 51,
    serve: "s9",
    answer: "yes",
    marks: [A, B],
    annotations: { T0: "yes", T1: [A], T2: ["yes", "no"], T3: [B] },
    viewer: { invert: true },
    started_at: "2026-01-01T00:00:00Z",
    finished_at: "2026-01-01T00:00:07Z",
  });
});

test("a random UUID is one also without crypto.randomUUID", () => {
  const bare = { getRandomValues: (bytes) => bytes.fill(255) };
  assert.equal(task.uuid(bare), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.match(task.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
