/* The site as an app: its service worker, and who has this browser now. Loaded when the page is quiet. */

import { here } from "./owner.js";

/** Begin. */
export async function start() {
  await here();
  /* Browsers that cannot run modules in a service worker refuse; the site works there as before, but only while it is open. */
  await navigator.serviceWorker?.register("/sw.js", { type: "module", updateViaCache: "none" }).catch(() => {});
}
