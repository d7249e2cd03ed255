/* The service worker: keeps the classify page, its files and what lies in `kept.js` usable without a connection, and sends the
   outbox when the connection is back although no page is open. /sw.js starts it with the list of files.

   What it keeps, and what it never does:
   - the files that the classify page needs, by their hashed names, one cache per version; the version before stays for pages still open;
   - /offline/ and /classify/<workflow>/ as they look to somebody unknown: fetched without cookies, so no name, no subject, no token;
   - previews, where the page put them (kept.js). It never keeps another page, nor an answer of the API, and never looks at them. */

import { LOCK, Outbox, SYNC } from "./outbox.js";
import { makeSender, Session } from "./sender.js";
import { outboxTable } from "./store.js";
import { IMAGES, PAGES, SHELL, twin, unknownPage } from "./worker-names.js";

const PATIENCE_MS = 5000; // then a kept page is better than the one that is still on its way
const CLASSIFY = /^\/classify\/[\w-]+\/$/;
const IMAGE = /^\/px\/[\w/]+\.(?:jpg|png)$/;

/** What to do with a request: "page", "classify", "file", "image", or null: nothing. */
export function kindOf({ method, mode, url }, origin, prefix) {
  const { origin: from, pathname } = new URL(url);
  if (method !== "GET" || from !== origin) return null;
  if (mode === "navigate") return CLASSIFY.test(pathname) ? "classify" : "page";
  if (pathname.startsWith(prefix)) return "file";
  return IMAGE.test(pathname) ? "image" : null;
}

/** Caches of files that no page needs any more: all but this version's and the one before. */
export function outdated(names, version) {
  const shells = names.filter((name) => name.startsWith(SHELL) && name !== SHELL + version);
  return shells.slice(0, -1);
}

async function install({ version, files, offline }) {
  const cache = await caches.open(SHELL + version);
  const have = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll(files.filter((file) => !have.has(file)));
  const page = await unknownPage(offline);
  if (!page.ok) throw new Error(`${offline}: ${page.status}`);
  await cache.put(offline, page);
  await self.skipWaiting(); // pages that are open keep their files: the version before stays
}

async function activate({ version }) {
  await self.clients.claim();
  await self.registration.navigationPreload?.enable();
  for (const name of outdated(await caches.keys(), version)) await caches.delete(name);
  const pages = await caches.open(PAGES);
  for (const { url } of await pages.keys()) {
    const before = await pages.match(url);
    const page = await unknownPage(twin(new URL(url).pathname), before.headers.get("Content-Language")).catch(() => null);
    if (page?.ok) await pages.put(url, page);
    else if (page?.status === 404) await pages.delete(url); // there is no such workflow any more
  }
}

async function fromNetwork(event) {
  const answer = (await event.preloadResponse) ?? (await fetch(event.request));
  if ([502, 503, 504].includes(answer.status)) throw new Error(`${answer.status}`); // the site is being restarted
  return answer;
}

async function page(event, { offline, version }) {
  try {
    return await fromNetwork(event);
  } catch {
    const shell = await caches.open(SHELL + version);
    return (await shell.match(offline, { ignoreVary: true })) ?? Response.error();
  }
}

async function classifyPage(event, config) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(new URL(event.request.url).pathname, { ignoreVary: true });
  if (!kept) return page(event, config);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([fromNetwork(event).catch(() => kept), late]);
}

async function kept(request, name) {
  const found = name ? await (await caches.open(name)).match(request, { ignoreVary: true }) : await caches.match(request, { ignoreVary: true });
  return found ?? fetch(request);
}

/** Send what waits; fails while something is left to send, so that the browser asks again later. */
async function sendOutbox({ session }) {
  const channel = new BroadcastChannel(LOCK);
  const who = new Session({ url: session });
  const outbox = new Outbox({
    table: outboxTable(),
    send: makeSender(who),
    later: () => {}, // the browser decides when
    lock: (run) => navigator.locks.request(LOCK, run),
    channel,
  });
  await outbox.flush();
  channel.close();
  if (outbox.entries().some(({ refused, owner }) => refused === null && [undefined, "", who.owner].includes(owner))) throw new Error("Some answers still wait.");
}

/** Hook everything up. config: {version, files, offline, session, prefix}. */
export function start(config) {
  self.addEventListener("install", (event) => event.waitUntil(install(config)));
  self.addEventListener("activate", (event) => event.waitUntil(activate(config)));
  self.addEventListener("message", (event) => event.data === "claim" && event.waitUntil(self.clients.claim()));
  self.addEventListener("sync", (event) => event.tag === SYNC && event.waitUntil(sendOutbox(config)));
  self.addEventListener("fetch", (event) => {
    const kind = kindOf(event.request, self.location.origin, config.prefix);
    if (kind === "page") event.respondWith(page(event, config));
    else if (kind === "classify") event.respondWith(classifyPage(event, config));
    else if (kind === "file") event.respondWith(kept(event.request));
    else if (kind === "image") event.respondWith(kept(event.request, IMAGES));
  });
}
