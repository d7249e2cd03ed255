import assert from "node:assert/strict";
import test from "node:test";

import { answered } from "../../static/js/answered.js";
import { outcome, reason } from "../../static/js/http.js";
import { Outbox, tally } from "../../static/js/outbox.js";
import { adopt, ListTable, memoryStorage, outboxJournal, outboxTable } from "../../static/js/store.js";

/* A site that answers as told, and a clock that waits for us. */
function make(answers, options = {}) {
  const sent = [];
  const timers = [];
  const table = options.table ?? new ListTable(memoryStorage());
  const send = async (entry) => {
    sent.push(entry.id);
    return answers.shift() ?? { kind: "stored", status: 201, data: { id: entry.id } };
  };
  const outbox = new Outbox({ send, later: (run, ms) => timers.push({ run, ms }), ...options, table });
  return { outbox, sent, timers, table };
}

const OFFLINE = { kind: "retry", status: 0 };
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const ids = (outbox) => outbox.entries().map((entry) => entry.id);

test("what is stored leaves the outbox and the table", async () => {
  const { outbox, sent, table } = make([]);
  assert.equal(await outbox.add("/api/", { id: "a" }), true);
  assert.equal((await table.all()).length, 1);
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  assert.deepEqual([ids(outbox), await table.all()], [[], []]);
});

test("without connection all is kept, in order, and sent later", async () => {
  const { outbox, sent, timers } = make([OFFLINE, OFFLINE]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  outbox.add("/api/", { id: "b" });
  await outbox.flush();
  assert.deepEqual(outbox.entries().map((entry) => [entry.id, entry.tries, entry.method]), [["a", 2, "POST"], ["b", 0, "POST"]]);
  assert.equal(timers.length, 1);
  timers[0].run();
  await outbox.flush();
  assert.deepEqual(sent, ["a", "a", "a", "b"]);
  assert.deepEqual(ids(outbox), []);
});

test("an entry the site stumbles over does not hold up the next", async () => {
  const { outbox, sent } = make([{ kind: "retry", status: 500 }]);
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/", { id: "b" });
  await outbox.flush();
  assert.deepEqual(sent, ["a", "b"]);
  assert.deepEqual(ids(outbox), ["a"]);
});

test("what changes or takes back a waiting answer waits for it", async () => {
  const { outbox, sent } = make([{ kind: "retry", status: 500 }]);
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/a/", { id: "b" }, "PUT");
  outbox.add("/api/b/", {}, "DELETE");
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  await outbox.flush();
  assert.deepEqual(sent, ["a", "a", "b", "DELETE /api/b/"]);
});

test("what is refused is kept with the reason, and not sent again unless asked", async () => {
  const { outbox, sent, table } = make([{ kind: "refused", status: 409, reason: "Seen before." }]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  await outbox.flush();
  assert.deepEqual(sent, ["a"]);
  assert.equal((await table.get("a")).refused, "Seen before.");
  await outbox.retryAll("a");
  assert.deepEqual(ids(outbox), []);
});

test("what an earlier answer stands in place of leaves the outbox; not so while that one is being taken back", async () => {
  const standing = { kind: "standing", status: 409, data: { existing: "old" } };
  const { outbox, table } = make([{ kind: "retry", status: 500 }, standing, OFFLINE, standing]);
  const told = [];
  outbox.addEventListener("standing", ({ detail }) => told.push(detail.entry.id));
  outbox.add("/api/old/", {}, "DELETE");
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  assert.deepEqual([told, outbox.entries().map(({ id, refused }) => [id, refused])], [[], [["DELETE /api/old/", null], ["a", null]]]);
  outbox.remove("DELETE /api/old/");
  await outbox.flush();
  await outbox.flush();
  assert.deepEqual([told, ids(outbox), await table.all()], [["a"], [], []]);
});

test("what was refused is counted apart", () => {
  const [waits, refused] = [{ refused: null }, { refused: "Seen before." }];
  assert.deepEqual(tally([refused, waits, refused]), { count: 1, refused: 2, name: "outbox_word_both" });
  assert.deepEqual(tally([refused, refused]), { count: 2, refused: 2, name: "outbox_word_refused" });
  assert.deepEqual(tally([waits]), { count: 1, refused: 0, name: "outbox_word" });
});

test("what belongs to another account stays as it is", async () => {
  const { outbox } = make([{ kind: "foreign", status: 0 }]);
  outbox.add("/api/", { id: "a" });
  await outbox.flush();
  assert.deepEqual(outbox.entries().map((entry) => [entry.tries, entry.refused]), [[0, null]]);
});

test("entries outlive the page, those of earlier versions too", async () => {
  const storage = memoryStorage();
  storage.setItem("hunter.outbox", JSON.stringify([{ id: "old", url: "/api/", body: { id: "old" }, tries: 1, refused: null }]));
  const { outbox, table } = make([OFFLINE, OFFLINE]);
  outbox.add("/api/", { id: "new", answer: "yes" });
  await outbox.flush();
  await adopt(new ListTable(storage), table);
  const after = make([], { table });
  await after.outbox.flush();
  assert.deepEqual(after.sent.sort(), ["new", "old"]);
  assert.deepEqual([await table.all(), storage.getItem("hunter.outbox")], [[], "[]"]);
});

test("an answer is written down before the database has answered, and is there on the next page", async () => {
  const local = memoryStorage();
  const { outbox } = make([], { journal: outboxJournal(local), table: new Promise(() => {}) });
  outbox.add("/api/", { id: "a" });
  const next = make([], { journal: outboxJournal(local), table: outboxTable(local) }); // node has no database: it is a list
  await next.outbox.add("/api/", { id: "b" });
  assert.deepEqual((await (await outboxTable(local)).all()).map(({ id }) => id), ["a", "b"]);
  await next.outbox.flush();
  assert.deepEqual([next.sent, await outboxJournal(local).all(), await (await outboxTable(local)).all()], [["a", "b"], [], []]);
});

test("an entry can be taken back until it is on its way", async () => {
  let finish;
  const { outbox, table } = make([], { send: () => new Promise((resolve) => (finish = resolve)) });
  outbox.add("/api/", { id: "a" });
  outbox.add("/api/", { id: "b" });
  const done = outbox.flush();
  await soon();
  assert.equal(outbox.remove("a"), false);
  assert.equal(outbox.remove("b"), true);
  finish({ kind: "stored", status: 201 });
  await done;
  assert.deepEqual([ids(outbox), await table.all()], [[], []]);
});

test("two tabs send each answer once, and both hear of the receipt and of what was answered", async () => {
  const table = new ListTable(memoryStorage());
  const ends = [{}, {}];
  for (const [n, end] of ends.entries()) end.postMessage = (data) => queueMicrotask(() => ends[1 - n].onmessage({ data: structuredClone(data) }));
  let turn = Promise.resolve();
  const lock = (run) => (turn = turn.then(run));
  const one = make([], { table, lock, channel: ends[0] });
  const two = make([], { table, lock, channel: ends[1] });
  const heard = [];
  const isDone = answered(two.outbox, { workflow: "w" });
  const done = () => ["A", "B", "C"].filter((id) => isDone({ id })).join("");
  two.outbox.addEventListener("stored", (event) => heard.push(event.detail.entry.id));
  one.outbox.add("/api/", { id: "a", subject: "A", workflow: "w" });
  await two.outbox.add("/api/", { id: "b", subject: "B", workflow: "w" });
  await soon();
  assert.equal(done(), "AB");
  await Promise.all([one.outbox.flush(), two.outbox.flush()]);
  await soon();
  assert.deepEqual([...one.sent, ...two.sent].sort(), ["a", "b"]);
  assert.deepEqual([ids(one.outbox), ids(two.outbox), heard.sort()], [[], [], ["a", "b"]]);
  assert.equal(done(), "A"); // what was answered here may come back: it can be undone
});

test("an answer taken back here while another tab sent it is taken back on the site", async () => {
  const channel = { postMessage: () => {} };
  const { outbox, sent } = make([], { channel });
  await outbox.add("/api/", { id: "a" });
  const [entry] = outbox.entries();
  outbox.remove("a");
  channel.onmessage({ data: { type: "result", entry, result: { kind: "stored", status: 201 } } });
  await soon();
  assert.deepEqual(sent, ["DELETE /api/a/"]);
});

test("a full device loses nothing: the answer stays in the window, which says so, and is sent from there", async () => {
  const table = new ListTable(memoryStorage());
  table.put = async () => {
    throw new DOMException("no room", "QuotaExceededError");
  };
  const { outbox, sent } = make([OFFLINE], { table });
  const told = [];
  outbox.addEventListener("unsaved", (event) => told.push(event.detail.entry.id));
  assert.equal(await outbox.add("/api/", { id: "a" }), false);
  await outbox.flush();
  assert.deepEqual([told, [...outbox.unsaved], ids(outbox)], [["a"], ["a"], ["a"]]);
  await outbox.flush();
  assert.deepEqual([sent, [...outbox.unsaved]], [["a", "a"], []]);
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
  assert.deepEqual(ids(outbox), []);
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
