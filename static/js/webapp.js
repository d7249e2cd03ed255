/* The site as an app: its service worker, and who has this browser now. Loaded when the page is quiet. */

import { settle } from "./owner.js";

/** Begin. */
export async function start() {
  await settle();
  const workers = navigator.serviceWorker;
  /* Browsers that cannot run modules in a service worker refuse; the site works there as before, but only while it is open. */
  if (!(await workers?.register("/sw.js", { type: "module", updateViaCache: "none" }).catch(() => null))) return;
  const { active } = await workers.ready;
  if (!workers.controller) active.postMessage("claim"); // a page that was on its way while the worker began belongs to nobody
}
