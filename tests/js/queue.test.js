import assert from "node:assert/strict";
import test from "node:test";

import { Queue } from "../../static/js/queue.js";

function make(pages, first = null) {
  const loaded = [];
  let asked = 0;
  const fetchPage = async () => {
    asked += 1;
    return pages.shift() ?? { ok: true, results: [] };
  };
  const queue = new Queue({ fetchPage, preload: (subject) => loaded.push(subject.id), first });
  return { queue, loaded, asked: () => asked };
}

const page = (...ids) => ({ ok: true, results: ids.map((id) => ({ id })) });

test("the first subject comes without asking, its successor is loaded", async () => {
  const { queue, loaded } = make([page(2, 3, 4, 5)], { id: 1 });
  assert.equal((await queue.next()).id, 1);
  await queue.fill();
  assert.ok(loaded.includes(2));
});

test("more is asked for before it runs dry, and nothing comes twice", async () => {
  const { queue } = make([page(1, 2, 3, 4), page(3, 4, 5), page()]);
  const ids = [];
  for (let subject = await queue.next(); subject; subject = await queue.next()) ids.push(subject.id);
  assert.deepEqual(ids, [1, 2, 3, 4, 5]);
  assert.equal(queue.failed, false);
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
