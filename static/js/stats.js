/* /stats/: choose days on the figure, read values under the pointer, and load the figures of another range without loading the page. */

import { between, dayAt, dayByKey, dayNumber, isEverything, isoDay, shares, shifted, withEnd } from "./brush.js";
import * as readings from "./readings.js";
import { text } from "./texts.js";

const KEY_PAUSE_MS = 350;
const ENDS = ["since", "until"];
const root = document.querySelector("[data-stats]");
const status = document.querySelector("[data-stats-status]");
const words = new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "long", timeZone: "UTC" });
let running = null;

const day = (number) => words.format(new Date(number * 86400000));

/* --- another range ------------------------------------------------------------------------------- */

/** The address of what the form says; days that mean everything are left out. */
function address(form, range = null, limits = null) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.set(name, value);
  if (range) {
    for (const end of ENDS) query.set(end, isoDay(range[end]));
    if (isEverything(range, limits)) for (const end of ENDS) query.delete(end);
  }
  return `${form.action.split("?")[0]}${query.size ? `?${query}` : ""}`;
}

/** Show what an address gives, in place. `remember`: "push" a step to go back to, "replace" this one, or "" where it is one already. */
async function load(url, remember) {
  running?.abort();
  const mine = (running = new AbortController());
  const focused = document.activeElement?.id;
  root.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" }, signal: mine.signal, credentials: "same-origin" });
    if (!response.ok && response.status !== 400) throw new Error(String(response.status));
    const part = await response.text();
    if (mine.signal.aborted) return;
    if (remember) history[`${remember}State`](null, "", url);
    root.innerHTML = part;
    start();
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    tell();
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = text("range_failed");
  } finally {
    if (running === mine) root.setAttribute("aria-busy", "false");
  }
}

function tell() {
  const { since, until, n } = root.querySelector("[data-brush]").dataset;
  const number = Number(n).toLocaleString(document.documentElement.lang || "en");
  status.textContent = text("range_shown", { since: day(dayNumber(since)), until: day(dayNumber(until)), n: number });
}

/* --- the range on the figure --------------------------------------------------------------------- */

function element(className, parent) {
  const made = document.createElement("div");
  made.className = className;
  parent.append(made);
  return made;
}

class Brush {
  constructor(node, form) {
    Object.assign(this, { node, form, wait: 0 });
    const { first, last, since, until, left, right } = node.dataset;
    this.limits = { first: dayNumber(first), last: dayNumber(last) };
    this.range = { since: dayNumber(since), until: dayNumber(until) };
    this.plot = { left: Number(left), right: Number(right) };
    this.layer = element("brush-layer", node);
    this.window = element("brush-window", this.layer);
    this.handles = Object.fromEntries(ENDS.map((end) => [end, this.handle(end)]));
    node.classList.add("brush-live");
    this.layer.addEventListener("pointerdown", (event) => this.grab(event));
    this.paint();
  }

  handle(end) {
    const made = element("brush-handle", this.layer);
    Object.assign(made, { id: `range-${end}`, tabIndex: 0 });
    made.dataset.end = end;
    made.setAttribute("role", "slider");
    made.setAttribute("aria-label", text(`range_${end}`));
    made.addEventListener("keydown", (event) => this.key(event, end));
    return made;
  }

  /** Share of the figure's width at a share of the axis. */
  across(share) {
    return this.plot.left + share * (this.plot.right - this.plot.left);
  }

  dayUnder(event) {
    const box = this.layer.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - this.plot.left) / (this.plot.right - this.plot.left);
    return dayAt(share, this.limits);
  }

  paint() {
    const [from, to] = shares(this.range, this.limits).map((share) => this.across(share));
    this.window.style.left = `${100 * from}%`;
    this.window.style.width = `${100 * (to - from)}%`;
    for (const [end, at] of [["since", from], ["until", to]]) {
      const handle = this.handles[end];
      handle.style.left = `${100 * at}%`;
      handle.setAttribute("aria-valuemin", end === "since" ? this.limits.first : this.range.since);
      handle.setAttribute("aria-valuemax", end === "since" ? this.range.until : this.limits.last);
      handle.setAttribute("aria-valuenow", this.range[end]);
      handle.setAttribute("aria-valuetext", day(this.range[end]));
      const field = this.form.elements.namedItem(end);
      if (field) field.value = isoDay(this.range[end]);
    }
  }

  key(event, end) {
    const to = dayByKey(event.key, this.range[end], this.limits);
    if (to === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    running?.abort(); // what was asked for before is not wanted any more
    this.range = withEnd(this.range, end, to, this.limits);
    this.paint();
    clearTimeout(this.wait);
    this.wait = setTimeout(() => this.done("replace"), KEY_PAUSE_MS);
  }

  /** What a drag that begins here does with the range: an end, the whole, or a new one. */
  mover(event) {
    const start = this.dayUnder(event);
    const before = this.range;
    const end = event.target.dataset.end;
    if (end) return (now) => withEnd(before, end, now, this.limits);
    if (event.target === this.window && !isEverything(before, this.limits)) return (now) => shifted(before, now - start, this.limits);
    return (now) => between(start, now);
  }

  grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    running?.abort();
    clearTimeout(this.wait);
    const move = this.mover(event);
    const before = JSON.stringify(this.range);
    event.target.focus?.({ preventScroll: true });
    this.layer.setPointerCapture(event.pointerId);
    const leave = new AbortController();
    const finish = () => {
      leave.abort();
      if (JSON.stringify(this.range) !== before) this.done("push");
    };
    this.layer.addEventListener("pointermove", (now) => ((this.range = move(this.dayUnder(now))), this.paint()), { signal: leave.signal });
    this.layer.addEventListener("pointerup", finish, { signal: leave.signal });
    this.layer.addEventListener("pointercancel", finish, { signal: leave.signal });
  }

  done(remember) {
    clearTimeout(this.wait);
    load(address(this.form, this.range, this.limits), remember);
  }
}

/* --- start --------------------------------------------------------------------------------------- */

function start() {
  const form = root.querySelector("[data-stats-form]");
  new Brush(root.querySelector("[data-brush]"), form);
  readings.start(root);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load(address(form), "push");
  });
  form.addEventListener("change", (event) => event.target.type !== "date" && load(address(form), "push"));
}

root.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-range]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link.href, "push");
});
window.addEventListener("popstate", () => load(location.href, ""));
start();
