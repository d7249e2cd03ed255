import assert from "node:assert/strict";
import test from "node:test";

import { action, answerLetters, repeats } from "../../static/js/keys.js";

const answers = (...keys) => keys.map((key) => ({ key }));
const named = (key, list, shiftKey = false) => action({ key, shiftKey }, list);

test("answers have their letters first, and the tools keep theirs with Shift", () => {
  const list = answers("yes", "no", "impossible");
  assert.deepEqual(answerLetters(list).shown, ["y", "n", "i"]);
  assert.deepEqual(named("i", list), { name: "answer", index: 2 });
  assert.deepEqual(named("I", list, true), { name: "invert" });
  assert.deepEqual(named("N", list, true), { name: "north" });
  assert.deepEqual(named("I", list), { name: "answer", index: 2 }); // the lock of capitals is no Shift
  assert.deepEqual(named("i", answers("yes")), { name: "invert" });
});

test("every letter of a tool can be an answer's, and then has Shift or another key", () => {
  for (const letter of "abcdefghijlnopqrstuvwxy") {
    const list = answers(letter);
    assert.deepEqual(named(letter, list), { name: "answer", index: 0 });
    assert.notEqual(named(letter.toUpperCase(), list, true)?.name, "answer", letter);
  }
  for (const letter of "zkm") assert.deepEqual(answerLetters(answers(letter)).shown, [null]);
});

test("the letter is that of the label as it is read, and that of the key where it is free", () => {
  const spanish = [{ key: "yes", label: "Sí" }, { key: "no", label: "No" }, { key: "impossible", label: "No se puede saber" }];
  assert.deepEqual(answerLetters(spanish).shown, ["s", "n", "i"]);
  assert.deepEqual(["s", "y", "n", "i"].map((key) => named(key, spanish).index), [0, 0, 1, 2]);
  const odd = [{ key: "n-o_1", label: "🙂" }, { key: "a2", label: "Ñandú" }, { key: "b", label: "¿Zorro?" }];
  assert.deepEqual(answerLetters(odd).shown, [null, "n", "b"]);
  assert.deepEqual(named("c", [{ key: "cat", label: "Gato" }]), { name: "colour" }); // a tool keeps it
});

test("frames, contrast and brightness; held keys go on where that is harmless", () => {
  assert.deepEqual(["f", "F", ".", ","].map((key) => named(key, [], key === "F").name), ["frame", "frame-back", "frame", "frame-back"]);
  assert.deepEqual(["ArrowUp", "ArrowLeft"].map((key) => named(key, [], true).name), ["brighter", "less-contrast"]);
  assert.equal(named("?", [], true).name, "help");
  assert.deepEqual(["brighter", "frame", "pan-left", "done", "answer"].map(repeats), [true, true, true, false, false]);
});
