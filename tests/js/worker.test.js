import assert from "node:assert/strict";
import test from "node:test";

import { what } from "../../static/js/outbox-list.js";
import { kindOf, outdated } from "../../static/js/worker.js";

const SITE = "https://hunter.example";

test("the service worker looks at pages, files and previews of its own site, and at nothing else", () => {
  const kind = (path, { method = "GET", mode = "cors", site = SITE } = {}) => kindOf({ method, mode, url: site + path }, SITE, "/static/");
  assert.equal(kind("/classify/satellites/", { mode: "navigate" }), "classify");
  assert.equal(kind("/classify/satellites/offline/", { mode: "navigate" }), "page");
  assert.equal(kind("/me/privacy/", { mode: "navigate" }), "page");
  assert.equal(kind("/static/js/site.0123456789ab.js"), "file");
  assert.equal(kind(`/px/ab/${"c".repeat(40)}.jpg`), "image");
  assert.equal(kind("/api/v1/workflows/classify/queue/?n=10"), null);
  assert.equal(kind("/session/"), null);
  assert.equal(kind("/classify/satellites/"), null);
  assert.equal(kind("/classify/satellites/", { mode: "navigate", method: "POST" }), null);
  assert.equal(kind("/static/js/site.js", { site: "https://elsewhere.example" }), null);
});

test("files of this version and of the one before stay, for pages that are still open", () => {
  const names = ["hunter-shell-1", "hunter-shell-2", "hunter-pages", "hunter-shell-3", "hunter-images"];
  assert.deepEqual(outdated(names, "3"), ["hunter-shell-1"]);
  assert.deepEqual(outdated(names, "1"), ["hunter-shell-2"]);
  assert.deepEqual(outdated(["hunter-shell-1"], "1"), []);
});

test("an entry is told in one line", () => {
  const words = [["outbox_vote", "{subject}: {answer}"], ["outbox_marks", "{count} trails"], ["outbox_undo", "undo"]];
  const nodes = words.map(([name, textContent]) => ({ dataset: { text: name }, textContent }));
  globalThis.document = { querySelectorAll: () => [{ content: { querySelectorAll: () => nodes } }] };
  const entry = { body: { subject: 7, answer: "yes", marks: [{}, {}] }, added_at: "" };
  assert.equal(what(entry, "en"), "7: yes · 2 trails");
  assert.equal(what({ ...entry, labels: { yes: "Yes, a trail" } }, "en"), "7: Yes, a trail · 2 trails");
  assert.equal(what({ body: {}, added_at: "" }, "en"), "undo");
});
