/* The site as an app: its service worker, and who has this browser now. Loaded when the page is quiet. */

import { Kept, settleOwner } from "./kept.js";
import { table } from "./store.js";

async function settle() {
  const owner = document.body.dataset.owner ?? null;
  await settleOwner({ owner, notes: await table("notes"), kept: async () => new Kept({ table: table("kept"), owner: owner ?? "" }) });
}

async function register() {
  /* Browsers that cannot run modules in a service worker refuse; the site works there as before, but only while it is open. */
  await navigator.serviceWorker?.register("/sw.js", { type: "module", updateViaCache: "none" }).catch(() => {});
}

/** Begin. */
export async function start() {
  await settle().catch(() => {});
  await register();
}
