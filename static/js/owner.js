/* Who has this browser now: an account as the page names it, "" for a visitor. A page that came out of the service worker's cache
   knows nobody; there it is whoever was here last. What an account kept on the device goes as soon as anybody else comes. */

import { Kept, settleOwner } from "./kept.js";
import { table } from "./store.js";

let known = null;

/** Promise of the owner; found once per page. */
export function here() {
  const owner = globalThis.document?.body.dataset.owner ?? null;
  known ??= table("notes")
    .then((notes) => settleOwner({ owner, notes, kept: async () => new Kept({ table: table("kept") }) }))
    .catch(() => owner ?? "");
  return known;
}
