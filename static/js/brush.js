/* A range of days on an axis, and how it is moved. Pure: days are whole numbers since 1970-01-01. */

const DAY_MS = 86400000;
const LONG_STEP = 30;

/** The number of a day written as 2026-03-31. */
export function dayNumber(iso) {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
}

/** A day as 2026-03-31. */
export function isoDay(number) {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);

/** The day at a share (0-1) of the axis from `first` to the end of `last`. */
export function dayAt(share, { first, last }) {
  return within(first + Math.floor(share * (last - first + 1)), first, last);
}

/** Where a range begins and ends on the axis, as shares of it. */
export function shares({ since, until }, { first, last }) {
  const days = last - first + 1;
  return [(since - first) / days, (until + 1 - first) / days];
}

/** The range with one of its ends ("since" or "until") on another day; it never passes the other one. */
export function withEnd(range, end, day, { first, last }) {
  if (end === "since") return { ...range, since: within(day, first, range.until) };
  return { ...range, until: within(day, range.since, last) };
}

/** The whole range moved by days, as far as the axis goes. */
export function shifted({ since, until }, by, { first, last }) {
  const move = within(by, first - since, last - until);
  return { since: since + move, until: until + move };
}

/** The range between two days, whichever comes first. */
export function between(one, other) {
  return { since: Math.min(one, other), until: Math.max(one, other) };
}

export function isEverything({ since, until }, { first, last }) {
  return since <= first && until >= last;
}

/** The day that a key moves an end to; null for any other key. */
export function dayByKey(key, day, { first, last }) {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -LONG_STEP, PageUp: LONG_STEP };
  if (key in steps) return within(day + steps[key], first, last);
  if (key === "Home") return first;
  return key === "End" ? last : null;
}

/** The index of the point nearest to x; points are [x, words], by x. */
export function nearest(points, x) {
  let best = 0;
  for (let i = 1; i < points.length; i++) if (Math.abs(points[i][0] - x) < Math.abs(points[best][0] - x)) best = i;
  return best;
}
