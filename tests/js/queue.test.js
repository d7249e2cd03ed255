import assert from "node:assert/strict";
import test from "node:test";

import { Pack, withKept } from "../../static/js/pack.js";
import { Queue } from "../../static/js/queue.js";

function make(pages, options = {}) {
  const loaded = [];
  const asked = [];
  const fetchPage = async ({ holding }) => {
    asked.push(holding);
    return pages.shift() ?? { ok: true, results: [] };
  };
  const queue = new Queue({ fetchPage, preload: (subject) => loaded.push(subject.id), ...options });
  return { queue, loaded, asked };
}

const subjects = (...ids) => ids.map((id) => ({ id, serve: `s${id}`, frames: [{ preview: `/px/${id}.jpg` }] }));
const page = (...ids) => ({ ok: true, results: subjects(...ids) });
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

async function all(queue) {
  const ids = [];
  for (let subject = await queue.next(); subject; subject = await queue.next()) ids.push(subject.id);
  return ids;
}

test("the first subject comes without asking; the next five are made ready, the nearest first", async () => {
  const { queue, loaded, asked } = make([page(2, 3, 4, 5, 6, 7, 8, 9)], { first: subjects(1)[0] });
  assert.equal((await queue.next()).id, 1);
  await soon();
  assert.deepEqual([loaded, asked.length], [[1, 2, 3, 4, 5, 6], 1]);
  await queue.next();
  await soon();
  assert.equal(loaded.at(-1), 7);
});

test("more is asked for before it runs dry, and nothing comes twice", async () => {
  const { queue, asked } = make([page(1, 2, 3, 4, 5, 6), page(3, 4, 5, 6, 7), page()]);
  await queue.next();
  await soon();
  assert.deepEqual(asked, [[]]);
  await queue.next();
  await soon();
  assert.deepEqual(asked.at(-1), ["s3", "s4", "s5", "s6"]);
  assert.deepEqual(await all(queue), [3, 4, 5, 6, 7]);
  assert.equal(queue.failed, false);
});

test("what was answered here is not shown again, once that is known", async () => {
  const done = new Set();
  const ready = soon().then(() => done.add(1));
  const { queue } = make([page(2, 3)], { first: subjects(1)[0], isDone: ({ id }) => done.has(id), ready });
  assert.deepEqual(await all(queue), [2, 3]);
});

test("what others have settled meanwhile is dropped", async () => {
  const { queue } = make([page(1, 2, 3), { ...page(4), gone: ["s3"] }]);
  assert.deepEqual(await all(queue), [1, 2, 4]);
});

test("after a sleep beyond its lease a subject is asked about before it is shown", async () => {
  let now = Date.parse("2026-01-01T10:00Z");
  const leased = { results: subjects(1, 2, 3, 4, 5, 6, 7).map((each) => ({ ...each, lease_until: "2026-01-01T10:10Z" })), ok: true };
  const { queue, asked } = make([leased, { ok: true, results: [], gone: ["s2"] }], { now: () => now });
  await queue.next();
  now += 3600_000;
  assert.equal((await queue.next()).id, 3);
  assert.deepEqual(asked[1], ["s2", "s3", "s4", "s5", "s6", "s7"]);
  assert.equal((await queue.next()).id, 4);
  await soon();
  assert.equal(asked.length, 2);
});

test("no answer is a failure, not the end", async () => {
  const { queue } = make([{ ok: false, results: [] }, page(7)]);
  assert.equal(await queue.next(), null);
  assert.equal(queue.failed, true);
  assert.equal((await queue.next()).id, 7);
});

test("what is put back comes next", async () => {
  const { queue } = make([page(1, 2, 3)]);
  const first = await queue.next();
  queue.putBack(first);
  assert.equal((await queue.next()).id, 1);
});

/* What is kept, without a browser. */
function keptOf(rows = [], lost = []) {
  return {
    owner: "",
    rows: async () => rows,
    keep: async (workflow, subject, { pack }) => {
      if (lost.includes(subject.id)) throw new Error("no image");
      rows.push({ workflow, subject, pack, owner: "" });
    },
    done: async (workflow, id) => rows.splice(rows.findIndex((row) => row.subject.id === id), 1),
    sweep: async () => {},
  };
}

test("a pack is taken along with progress, and says what is left and until when", async () => {
  const results = subjects(1, 2, 3, 4).map((each) => ({ ...each, lease_until: `2026-01-0${each.id}T10:00:00Z` }));
  const pack = new Pack({ kept: keptOf([], [4]), workflow: "w", ask: async (n) => ({ status: 200, data: { results: results.slice(0, n) } }), size: 30 });
  const seen = [];
  pack.addEventListener("progress", ({ detail }) => seen.push(detail.done));
  assert.deepEqual(await pack.take(), { ok: true, status: 200, data: { results }, taken: 3, lost: 1 });
  assert.deepEqual([seen[0], Math.max(...seen), pack.left, pack.until.toISOString()], [0, 3, 3, "2026-01-01T10:00:00.000Z"]);
  await pack.done(1);
  assert.deepEqual([pack.left, pack.until.toISOString()], [2, "2026-01-02T10:00:00.000Z"]);
});

test("what an earlier page fetched ahead comes first while its lease lasts; without connection all of it; never what is answered", async () => {
  const until = (minutes) => new Date(Date.now() + 60000 * minutes).toISOString();
  const rows = subjects(1, 2, 3).map((subject) => ({ subject: { ...subject, lease_until: until(subject.id === 2 ? -1 : 5) }, pack: false }));
  const open = () => new Pack({ kept: keptOf([...rows]), workflow: "w", ask: null, answered: Promise.resolve(new Set([3])) });
  const ids = async (fetchPage) => (await withKept(fetchPage, open())({ holding: [] })).results.map(({ id }) => id);
  assert.deepEqual(await ids(async () => page(8, 9)), [1, 8, 9]);
  assert.deepEqual(await ids(async () => ({ ok: false, results: [] })), [1, 2]);
});

test("without connection the queue goes on from the pack, each subject once", async () => {
  const rows = subjects(1, 2, 3).map((subject) => ({ subject, pack: true, workflow: "w", owner: "" }));
  const pack = new Pack({ kept: keptOf(rows), workflow: "w", ask: async () => ({ status: 0 }) });
  const offline = async () => ({ ok: false, results: [], gone: [] });
  const queue = new Queue({ fetchPage: withKept(offline, pack, 2), preload: () => {}, low: 1 });
  assert.deepEqual(await all(queue), [1, 2, 3]);
  assert.equal(queue.failed, true);
});
