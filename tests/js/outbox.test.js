import assert from "node:assert/strict";
import test from "node:test";

import { outcome, reason } from "../../static/js/http.js";
import { memoryStorage, Outbox } from "../../static/js/outbox.js";

/* A site that answers as told, and a clock that waits for us. */
function make(answers, storage = memoryStorage()) {
  const sent = [];
  const timers = [];
  const send = async (entry) => {
    sent.push(entry.id);
    const next = answers.shift() ?? { kind: "stored", status: 201 };
    return next;
  };
  const outbox = new Outbox({ storage, send, later: (run, ms) => timers.push({ run, ms }) });
  return { outbox, sent, timers, storage };
}

const OFFLINE = { kind: "retry", status: 0 };

test("what is stored leaves the outbox", async () => {
  const { outbox, sent } = make([]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  assert.deepEqual(outbox.entries(), []);
});

test("without connection all is kept, in order, and sent later", async () => {
  const { outbox, sent, timers } = make([OFFLINE, OFFLINE]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  outbox.add("/api/", { id: "b" });
  await outbox.flush();
  assert.deepEqual(outbox.entries().map((entry) => [entry.id, entry.tries]), [["a", 2], ["b", 0]]);
  assert.equal(timers.length, 1);
  timers[0].run();
  await outbox.flush();
  assert.deepEqual(sent, ["a", "a", "a", "b"]);
  assert.deepEqual(outbox.entries(), []);
});

test("an entry the site stumbles over does not hold up the next", async () => {
  const { outbox, sent } = make([{ kind: "retry", status: 500 }]);
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/", { id: "b" });
  await outbox.flush();
  assert.deepEqual(sent, ["a", "b"]);
  assert.deepEqual(outbox.entries().map((entry) => entry.id), ["a"]);
});

test("what is refused is kept with the reason, and not sent again unless asked", async () => {
  const { outbox, sent } = make([{ kind: "refused", status: 409, reason: "Seen before." }]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  assert.equal(outbox.entries()[0].refused, "Seen before.");
  await outbox.retryAll();
  assert.deepEqual(outbox.entries(), []);
});

test("entries outlive the page", async () => {
  const { storage, outbox } = make([OFFLINE]);
  outbox.add("/api/", { id: "a", answer: "yes" });
  await outbox.flush();
  const after = make([], storage);
  await after.outbox.flush();
  assert.deepEqual(after.sent, ["a"]);
});

test("an entry can be taken back until it is on its way", async () => {
  let finish;
  const send = () => new Promise((resolve) => (finish = resolve));
  const outbox = new Outbox({ storage: memoryStorage(), send });
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/", { id: "b" });
  const done = outbox.flush();
  await null;
  await null;
  assert.equal(outbox.remove("a"), false);
  assert.equal(outbox.remove("b"), true);
  finish({ kind: "stored", status: 201 });
  await done;
  assert.deepEqual(outbox.entries(), []);
});

test("waits grow to a minute and start over after success", async () => {
  const { outbox, timers } = make(Array(8).fill(OFFLINE));
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  for (let i = 0; i < 7; i += 1) {
    timers.at(-1).run();
    await outbox.flush();
  }
  assert.deepEqual(timers.map((timer) => timer.ms), [2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
});

test("asked to slow down, it sends nothing until the time is over, and loses nothing", async () => {
  const { outbox, sent, timers } = make([{ kind: "retry", status: 429, retryAfter: 37 }]);
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/", { id: "b" });
  await outbox.flush();
  outbox.add("/api/", { id: "c" });
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  assert.deepEqual(timers.map((timer) => timer.ms), [37000]);
  assert.equal(outbox.entries().length, 3);
  timers[0].run();
  await outbox.flush();
  assert.deepEqual(sent, ["a", "a", "b", "c"]);
  assert.deepEqual(outbox.entries(), []);
});

test("who presses send does not wait", async () => {
  const { outbox, sent } = make([{ kind: "retry", status: 429, retryAfter: 37 }]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  await outbox.retryAll();
  assert.deepEqual(sent, ["a", "a"]);
});

test("statuses mean stored, refused or retry", () => {
  const means = { 201: "stored", 200: "stored", 400: "refused", 409: "refused", 422: "refused", 0: "retry", 403: "retry", 429: "retry", 500: "retry" };
  for (const [status, kind] of Object.entries(means)) assert.equal(outcome(Number(status)), kind, status);
});

test("a problem document becomes a sentence", () => {
  assert.equal(reason({ title: "Invalid", detail: "Not stored.", errors: { marks: ["Too many."] } }), "Not stored. marks: Too many.");
  assert.equal(reason({}), "");
});
