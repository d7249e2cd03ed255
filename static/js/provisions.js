/* What the classify page has on this device: subjects fetched ahead, a pack taken along, and the page itself for times without connection. */

import { request } from "./http.js";
import { Kept } from "./kept.js";
import { isLive, owner, settle } from "./owner.js";
import { Pack, withKept } from "./pack.js";
import { PackPanel } from "./pack-panel.js";
import { table } from "./store.js";
import { PAGES, twin, unknownPage } from "./worker-names.js";

const DAY_MS = 86_400_000;
const SWEEP_EVERY = 20; // answers
const quiet = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 200));

/** One tab only may use what is kept, or two would show the same subject. Promise of whether it is this one. */
function isFirstTab(workflow) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = (lock) => {
      resolve(Boolean(lock));
      return lock && new Promise(() => {}); // until the tab is closed
    };
    navigator.locks.request(`hunter.classify.${workflow}`, { ifAvailable: true }, hold).catch(() => resolve(true));
  });
}

/** Keep the page as it looks to somebody unknown, once a day and in the language that is read. */
async function keepPage() {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(location.pathname);
  const language = document.documentElement.lang;
  const age = Date.now() - Date.parse(kept?.headers.get("Date") ?? 0);
  if (kept?.headers.get("Content-Language") === language && age < DAY_MS) return;
  const page = await unknownPage(twin(location.pathname), language);
  if (page.ok) await pages.put(location.pathname, page);
}

/** Keep subjects after their answer no longer than needed. */
function forgetAnswered({ outbox, config, kept, pack }) {
  let count = 0;
  outbox.addEventListener("added", async ({ detail: { entry } }) => {
    if (entry.body?.workflow !== config.workflow) return;
    await pack.done(entry.body.subject);
    count += 1;
    if (count % SWEEP_EVERY === 0) kept.sweep();
  });
}

/** Wrap what a queue needs, {fetchPage, prepare}, so that it keeps what it fetches and falls back on what is kept. */
export function provide({ config, outbox, fetchPage, prepare }) {
  if (!globalThis.caches || config.preview) return { fetchPage, prepare }; // plain http: nothing can be kept; a draft that is tried: nothing shall be
  const kept = new Kept({ table: settle().then(() => table("kept")), owner });
  const ask = (n) => request(`${config.pack_url}&n=${n}`);
  const { workflow } = config;
  const ofHere = ({ body }) => body?.workflow === workflow;
  const answered = outbox.ready.then(() => new Set(outbox.entries().filter(ofHere).map(({ body }) => body.subject)));
  const pack = new Pack({ kept, workflow, ask, size: config.pack_size, mayUse: isFirstTab(workflow), answered });
  const root = document.querySelector("[data-pack]");
  if (root) new PackPanel(root, document.getElementById("pack"), pack);
  forgetAnswered({ outbox, config, kept, pack });
  const week = new Date(Date.now() - 7 * DAY_MS).toISOString();
  quiet(() => kept.sweep((row) => row.at < week || (row.owner && row.owner !== owner)).catch(() => {}));
  if (isLive) window.addEventListener("load", () => quiet(() => keepPage().catch(() => {})));
  return {
    fetchPage: withKept(fetchPage, pack),
    prepare: async (subject) => {
      await prepare(subject);
      quiet(() => pack.has(subject.id) || kept.keep(workflow, subject).catch(() => {}));
    },
  };
}
