import assert from "node:assert/strict";
import test from "node:test";

import { Kept } from "../../static/js/kept.js";
import { ListTable, memoryStorage } from "../../static/js/store.js";

globalThis.location = new URL("https://hunter.example/classify/w/");
const subject = (id) => ({ id, frames: [{ preview: `/px/${id}.jpg` }] });

/* A cache as browsers have it, and a site whose images come when told. */
function make(options = {}) {
  const images = new Map();
  const href = (url) => new URL(url, location.href).href;
  const cache = {
    match: async (url) => images.get(href(url)),
    put: async (url, answer) => images.set(href(url), answer),
    keys: async () => [...images.keys()].map((url) => ({ url })),
    delete: async (request) => images.delete(request.url),
  };
  const table = options.table ?? new ListTable(memoryStorage(), "kept", "key");
  const kept = new Kept({ table, caches: { open: async () => cache }, fetch: async () => ({ ok: true }), ...options });
  return { kept, table, names: () => [...images.keys()].map((url) => url.split("/").at(-1)) };
}

test("a subject is kept with its images, and both go when it is settled", async () => {
  const { kept, names } = make();
  await kept.keep("w", subject(1));
  await kept.keep("w", subject(2), { pack: true });
  assert.deepEqual((await kept.rows("w")).map((row) => [row.subject.id, row.pack]), [[1, false], [2, true]]);
  await kept.done("w", 1);
  await kept.sweep();
  assert.deepEqual([(await kept.rows("w")).length, names()], [1, ["2.jpg"]]);
});

test("what is answered or packed while its images come is not overtaken by them", async () => {
  let come;
  const { kept } = make({ fetch: () => new Promise((resolve) => (come = () => resolve({ ok: true }))) });
  const keeping = kept.keep("w", subject(1));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await kept.done("w", 1);
  come();
  await keeping;
  assert.deepEqual(await kept.rows("w"), []);
});

test("what an account kept goes when somebody else comes, what a visitor kept stays theirs", async () => {
  const { kept, table } = make({ owner: "" });
  await kept.keep("w", subject(1));
  const signedIn = make({ owner: "7", table }).kept;
  await signedIn.takeOver("");
  assert.deepEqual((await signedIn.rows("w")).map((row) => row.subject.id), [1]);
  const other = make({ owner: "8", table }).kept;
  assert.deepEqual(await other.rows("w"), []);
  await other.takeOver("7");
  assert.deepEqual(await table.all(), []);
});
