/* The marks of one answer, as plain data and pure functions.
   state = {max, marks: [{key, frame, x1, y1, x2, y2, suggestion}], pending: {frame, x, y} or null, serial} */

import { clampMark, distance } from "./geometry.js";

/** No marks yet. */
export const none = (max = 5) => ({ max, marks: [], pending: null, serial: 1 });

/* Two clicks nearer than this are one click twice, not a trail. */
const SHORTEST_PX = 2;

const round = (value) => Math.round(value * 100) / 100;

/** Is there room for one more? */
export const hasRoom = (state) => state.marks.length < state.max;

function add(state, mark) {
  if (!hasRoom(state)) return state;
  const whole = { ...mark, key: state.serial };
  return { ...state, marks: [...state.marks, whole], pending: null, serial: state.serial + 1 };
}

/** A click: the first end, or the second, which makes a mark. A second click on another frame begins anew,
    and one on the same spot is the same click again. */
export function place(state, frame, point, image) {
  if (!hasRoom(state)) return state;
  const at = clampMark(point, image);
  const { pending } = state;
  if (!pending || pending.frame !== frame) return { ...state, pending: { frame, ...at } };
  if (distance(pending, at) < SHORTEST_PX) return state;
  return add(state, { frame, x1: pending.x, y1: pending.y, x2: at.x, y2: at.y, suggestion: null });
}

/** Forget the first end. */
export const forget = (state) => ({ ...state, pending: null });

/** A whole mark at once, for those who place marks by keyboard. */
export function insert(state, frame, ends, image) {
  const a = clampMark({ x: ends.x1, y: ends.y1 }, image);
  const b = clampMark({ x: ends.x2, y: ends.y2 }, image);
  return add(state, { frame, x1: a.x, y1: a.y, x2: b.x, y2: b.y, suggestion: ends.suggestion ?? null });
}

/** Move end 1 or 2 of a mark. */
export function move(state, key, end, point, image) {
  const at = clampMark(point, image);
  const marks = state.marks.map((mark) => (mark.key === key ? { ...mark, [`x${end}`]: at.x, [`y${end}`]: at.y } : mark));
  return { ...state, marks };
}

/** Take a mark away. */
export const remove = (state, key) => ({ ...state, marks: state.marks.filter((mark) => mark.key !== key) });

/** The mark that keeps this suggestion, if any. */
export const keptAs = (state, suggestion) => state.marks.find((mark) => mark.suggestion === suggestion.id);

/** Keep a suggested trail, or let it go again. */
export function toggleKept(state, suggestion, image) {
  const kept = keptAs(state, suggestion);
  if (kept) return remove(state, kept.key);
  return insert(state, suggestion.frame ?? 0, { ...suggestion, suggestion: suggestion.id }, image);
}

/** Marks as the API takes them. */
export function forApi(marks) {
  return marks.map((mark) => {
    const plain = { frame: mark.frame, x1: round(mark.x1), y1: round(mark.y1), x2: round(mark.x2), y2: round(mark.y2) };
    return mark.suggestion === null ? plain : { ...plain, suggestion: mark.suggestion };
  });
}

/** A line of points, moved aside by so many pixels. */
export function beside(points, aside) {
  return points.map((point, index) => {
    const before = points[Math.max(0, index - 1)];
    const after = points[Math.min(points.length - 1, index + 1)];
    const length = distance(before, after) || 1;
    return { x: point.x - (aside * (after.y - before.y)) / length, y: point.y + (aside * (after.x - before.x)) / length };
  });
}
