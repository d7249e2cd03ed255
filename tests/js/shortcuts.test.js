import assert from "node:assert/strict";
import test from "node:test";

import { meaning } from "../../static/js/shortcuts.js";

const FIRST = { step: "T0", answers: [{ key: "yes" }, { key: "no" }, { key: "impossible" }] };
const BELOW = { step: "T2", answers: [{ key: "yes" }, { key: "no" }] };

test("a letter answers the question in force, else the first one that has it", () => {
  assert.deepEqual(meaning({ key: "y" }, [BELOW, FIRST]), { name: "answer", step: "T2", key: "yes" });
  assert.deepEqual(meaning({ key: "i" }, [BELOW, FIRST]), { name: "answer", step: "T0", key: "impossible" });
  assert.deepEqual(meaning({ key: "i" }, [FIRST]), { name: "answer", step: "T0", key: "impossible" });
});

test("a digit answers the question in force only", () => {
  assert.deepEqual(meaning({ key: "2" }, [BELOW, FIRST]), { name: "answer", step: "T2", key: "no" });
  assert.equal(meaning({ key: "3" }, [BELOW, FIRST]), null);
  assert.deepEqual(meaning({ key: "3" }, [FIRST]), { name: "answer", step: "T0", key: "impossible" });
});

test("what is no answer is a tool", () => {
  assert.deepEqual(meaning({ key: "Enter" }, [BELOW, FIRST]), { name: "done" });
  assert.deepEqual(meaning({ key: "I", shiftKey: true }, [FIRST]), { name: "invert" });
  assert.equal(meaning({ key: "y", ctrlKey: true }, [FIRST]), null);
});
