/* Who has this browser now: an account as the page names it, "" for a visitor. A page that came out of the service worker's cache
   knows nobody; there it is whoever was here last. What an account kept on the device goes as soon as anybody else comes. */

import { Kept } from "./kept.js";
import { table } from "./store.js";

const KEY = "hunter.owner";

function last() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

const named = document.body.dataset.owner;
const before = last();

/** Does the page come from the site itself, and know who is here? */
export const isLive = named !== undefined;
export const owner = named ?? before;

if (owner !== before) {
  try {
    localStorage.setItem(KEY, owner);
  } catch {
    /* Then nothing is kept, either. */
  }
}

let settling = null;

/** Promise that what others kept here is gone. What a visitor kept stays theirs when they sign in. */
export function settle() {
  settling ??= isLive && owner !== before ? new Kept({ table: table("kept"), owner }).takeOver(before).catch(() => {}) : Promise.resolve();
  return settling;
}
