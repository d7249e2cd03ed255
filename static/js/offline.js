/* The page without connection: which workflows can be classified with what lies on this device. */

import { owner } from "./owner.js";
import { table } from "./store.js";
import { text } from "./texts.js";
import { PAGES } from "./worker-names.js";

/** {path: name} of the kept classify pages. */
async function pages() {
  const cache = await globalThis.caches?.open(PAGES);
  const found = new Map();
  for (const request of (await cache?.keys()) ?? []) {
    const html = await (await cache.match(request)).text();
    const title = new DOMParser().parseFromString(html, "text/html").title;
    found.set(new URL(request.url).pathname, title.split(" · ")[0]);
  }
  return found;
}

async function show() {
  const rows = await (await table("kept")).all();
  const list = document.querySelector("[data-offline-list]");
  for (const [path, name] of await pages()) {
    const count = rows.filter((row) => row.owner === owner && path === `/classify/${row.workflow}/`).length;
    if (!count) continue;
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "card card-body";
    link.href = path;
    link.textContent = `${name} · ${text("offline_left", { count })}`;
    item.append(link);
    list.append(item);
  }
  document.querySelector("[data-offline-kept]").hidden = !list.children.length;
  document.querySelector("[data-offline-none]").hidden = list.children.length > 0;
}

document.querySelector("[data-reload]").addEventListener("click", () => location.reload());
window.addEventListener("online", () => location.reload());
show();
