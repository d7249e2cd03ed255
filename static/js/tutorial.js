/* The tutorial: pages in a dialog, shown once per volunteer and version of the workflow, and again whenever asked for. What was seen is
   kept on this device at once, and at the site, so that other devices know it. */

import { request } from "./http.js";

const KEY = "hunter.tutorials";

/** Was this version's tutorial seen, as far as device or site know? Pure. */
export function seen(workflow, version, ...kept) {
  return kept.some((tutorials) => tutorials?.[workflow] === version);
}

/** The page that a key turns to, or null. `rtl`: pages are turned the other way. Pure. */
export function turned(key, page, last, rtl = false) {
  const step = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, PageDown: 1, PageUp: -1 }[key];
  if (key === "Home" || key === "End") return key === "Home" ? 0 : last;
  return step === undefined ? null : Math.min(last, Math.max(0, page + step));
}

function fromDevice() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

export class Tutorial {
  /** config: of the page ({workflow, version, preferences, preferences_url}). */
  constructor(dialog, config) {
    Object.assign(this, { dialog, config, page: 0 });
    const all = (name) => [...dialog.querySelectorAll(`[data-tutorial-${name}]`)];
    this.pages = all("page");
    this.dots = all("dot");
    [this.back] = all("back");
    [this.next] = all("next");
    [this.skip] = all("skip");
    [this.count] = all("count");
    this.back.addEventListener("click", () => this.show(this.page - 1));
    this.next.addEventListener("click", () => (this.page === this.last ? dialog.close() : this.show(this.page + 1)));
    for (const [index, dot] of this.dots.entries()) dot.addEventListener("click", () => this.show(index));
    dialog.addEventListener("keydown", (event) => this.#key(event));
    dialog.addEventListener("close", () => this.#done());
    document.addEventListener("click", (event) => event.target.closest?.("[data-dialog-open=tutorial]") && this.show(0, false));
    this.show(0, false);
    if (!this.#isSeen()) this.open();
  }

  get last() {
    return this.pages.length - 1;
  }

  open() {
    this.dialog.showModal();
    this.pages[this.page].focus();
  }

  /** Turn to a page; its words are read out as the keyboard goes there. */
  show(index, focus = true) {
    this.page = index;
    for (const [number, page] of this.pages.entries()) page.hidden = number !== index;
    for (const [number, dot] of this.dots.entries()) dot.toggleAttribute("aria-current", number === index);
    const atEnd = index === this.last;
    this.back.disabled = index === 0;
    this.skip.hidden = atEnd;
    for (const words of this.next.querySelectorAll("[data-when]")) words.hidden = (words.dataset.when === "last") !== atEnd;
    this.count.textContent = `${index + 1} / ${this.pages.length}`;
    if (focus) this.pages[index].focus();
    this.dialog.querySelector("[data-tutorial-pages]").scrollTop = 0;
  }

  #key(event) {
    const page = turned(event.key, this.page, this.last, document.documentElement.dir === "rtl");
    if (page === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (page !== this.page) this.show(page);
  }

  #isSeen() {
    const { workflow, version, preferences } = this.config;
    return seen(workflow, version, preferences?.tutorials, fromDevice());
  }

  #done() {
    if (this.#isSeen()) return;
    const { workflow, version } = this.config;
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...fromDevice(), [workflow]: version }));
    } catch {
      /* Storage is forbidden: the site keeps it. */
    }
    if (this.config.preferences_url) request(this.config.preferences_url, { method: "PUT", body: { tutorials: { [workflow]: version } } });
  }
}

const dialog = globalThis.document?.querySelector("[data-tutorial]");
const config = globalThis.document?.getElementById("classify-config");
if (dialog && config) new Tutorial(dialog, JSON.parse(config.textContent));
