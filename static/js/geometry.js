/* Pure geometry of the image viewer.
   Marks are in pixels of their own frame, 0-based pixel CENTRES, row 0 at the top. The screen is edge-based: the first pixel
   spans 0 to 1, so x_centre = x_edge - 0.5.
   The grid is the pixel grid of a subject's first frame. A view {scale, turn, tx, ty} takes edge coordinates of the grid to
   screen pixels: s = t + scale * R(turn) * edge, turn in degrees clockwise. A frame's `to_first` [a, b, c, d, e, f] takes
   its pixel centres to those of the grid: (a x + c y + e, b x + d y + f); null means: the same grid. */

export const MAX_SCALE = 16;
const SAME = [1, 0, 0, 1, 0, 0];

/** Pixel-centre coordinate of an edge-based one. */
export const toCentre = (edge) => edge - 0.5;

/** Edge-based coordinate of a pixel-centre one. */
export const toEdge = (centre) => centre + 0.5;

/** An angle in degrees as 0 <= turn < 360. */
export const wrapTurn = (degrees) => ((degrees % 360) + 360) % 360;

/** Cosine and sine of an angle in degrees, exact for quarter turns. */
export function turned(degrees) {
  const quarter = wrapTurn(degrees) / 90;
  if (Number.isInteger(quarter)) return { cos: [1, 0, -1, 0][quarter], sin: [0, 1, 0, -1][quarter] };
  const angle = (degrees * Math.PI) / 180;
  return { cos: Math.cos(angle), sin: Math.sin(angle) };
}

/** Apply [a, b, c, d, e, f] to a point. */
export function apply([a, b, c, d, e, f], { x, y }) {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The matrix that takes back what this one does. */
export function inverse([a, b, c, d, e, f]) {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

/** A matrix between pixel centres as one between pixel edges, which is what the screen has. */
export function onEdges([a, b, c, d, e, f]) {
  return [a, b, c, d, e + 0.5 - 0.5 * (a + c), f + 0.5 - 0.5 * (b + d)];
}

/** Mark point of a frame -> screen point. */
export function markToScreen(view, point, toFirst = null) {
  const grid = apply(toFirst ?? SAME, point);
  const { cos, sin } = turned(view.turn ?? 0);
  const x = view.scale * toEdge(grid.x);
  const y = view.scale * toEdge(grid.y);
  return { x: view.tx + cos * x - sin * y, y: view.ty + sin * x + cos * y };
}

/** Screen point -> mark point of a frame. */
export function screenToMark(view, point, toFirst = null) {
  const { cos, sin } = turned(view.turn ?? 0);
  const x = (point.x - view.tx) / view.scale;
  const y = (point.y - view.ty) / view.scale;
  const grid = { x: toCentre(cos * x + sin * y), y: toCentre(cos * y - sin * x) };
  return toFirst ? apply(inverse(toFirst), grid) : grid;
}

/** Keep a mark inside the image: centres run from 0 to size - 1, edges half a pixel further. */
export function clampMark(point, image) {
  const clamp = (value, size) => Math.min(Math.max(value, -0.5), size - 0.5);
  return { x: clamp(point.x, image.width), y: clamp(point.y, image.height) };
}

/** Width and height of the upright box around the turned image, in grid pixels, and where it begins. */
function around(image, turn) {
  const { cos, sin } = turned(turn);
  const xs = [0, cos * image.width, -sin * image.height, cos * image.width - sin * image.height];
  const ys = [0, sin * image.width, cos * image.height, sin * image.width + cos * image.height];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/** The scale at which the whole image fits the box. */
export function fitScale(image, box, turn = 0) {
  const { width, height } = around(image, turn);
  return Math.min(box.width / width, box.height / height);
}

/** The view that shows the whole image, centred. */
export function fit(image, box, turn = 0) {
  return clampView({ scale: 0, turn, tx: 0, ty: 0 }, image, box);
}

function clampAxis(t, size, room) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, t));
}

/** The nearest view that leaves no needless empty space: centred where the image is smaller than the box, else covering it. */
export function clampView(view, image, box) {
  const turn = view.turn ?? 0;
  const least = fitScale(image, box, turn);
  const scale = Math.min(Math.max(view.scale, least), Math.max(MAX_SCALE, least));
  const { left, top, width, height } = around(image, turn);
  return {
    scale,
    turn,
    tx: clampAxis(view.tx + scale * left, scale * width, box.width) - scale * left,
    ty: clampAxis(view.ty + scale * top, scale * height, box.height) - scale * top,
  };
}

/** Zoom by a factor so that the sky under `point` (screen) stays there. */
export function zoomAt(view, point, factor, image, box) {
  const scale = clampView({ ...view, scale: view.scale * factor }, image, box).scale;
  const ratio = scale / view.scale;
  const moved = { ...view, scale, tx: point.x - ratio * (point.x - view.tx), ty: point.y - ratio * (point.y - view.ty) };
  return clampView(moved, image, box);
}

/** Turn the image by degrees so that the sky under `point` (screen) stays there; a fitted image stays fitted. */
export function turnAt(view, point, degrees, image, box) {
  const turn = wrapTurn((view.turn ?? 0) + degrees);
  if (isFit(view, image, box)) return fit(image, box, turn);
  const { cos, sin } = turned(degrees);
  const [x, y] = [view.tx - point.x, view.ty - point.y];
  return clampView({ ...view, turn, tx: point.x + cos * x - sin * y, ty: point.y + sin * x + cos * y }, image, box);
}

/** Move the image by screen pixels. */
export function pan(view, dx, dy, image, box) {
  return clampView({ ...view, tx: view.tx + dx, ty: view.ty + dy }, image, box);
}

/** Does the view show the whole image as large as it can be? */
export const isFit = (view, image, box) => Math.abs(view.scale - fitScale(image, box, view.turn)) < 1e-6;

/** After a change of the box, keep the same sky in the middle. */
export function rebox(view, image, from, to) {
  if (isFit(view, image, from)) return fit(image, to, view.turn);
  const dx = (to.width - from.width) / 2;
  const dy = (to.height - from.height) / 2;
  return clampView({ ...view, tx: view.tx + dx, ty: view.ty + dy }, image, to);
}

/** Distance of two points. */
export const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Middle of two points. */
export const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
