/* A volunteer's display settings: on this device at once, and at the site a moment later, so that other devices have them too.
   {...settings, at: milliseconds}; the newer of the two is right. */

import { request } from "./http.js";

const KEY = "hunter.display";
const WAIT_MS = 1500;

/** The newer of two sets of settings, either of which may be missing. Pure. */
export function newer(a, b) {
  const at = (each) => (Number.isFinite(each?.at) ? each.at : 0);
  return (at(a) >= at(b) ? a : b) ?? a ?? b ?? {};
}

function fromDevice() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null; // nothing sound was kept, or storage is forbidden
  }
}

export class Preferences {
  /** url: of the preferences at the site; stored: what the site had when the page was made. */
  constructor({ url, stored }) {
    this.url = url;
    this.values = { ...newer(fromDevice(), stored?.viewer) };
    if ((this.values.at ?? 0) > (stored?.viewer?.at ?? 0)) this.#later(); // changed while there was no connection
    document.addEventListener("visibilitychange", () => document.hidden && this.timer && this.#send());
  }

  /** Keep these settings. */
  save(patch) {
    Object.assign(this.values, patch, { at: Date.now() });
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      /* Storage is forbidden: the site keeps them. */
    }
    this.#later();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#send(), WAIT_MS);
  }

  /** Where it does not arrive, the next page sends it: what the device has is newer. */
  #send() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.url) request(this.url, { method: "PUT", body: { viewer: this.values } });
  }
}
