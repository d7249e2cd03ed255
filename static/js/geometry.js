/* Pure geometry of the image viewer.
   Marks are in cutout pixels, 0-based pixel CENTRES, row 0 at the top. The screen is edge-based: the first pixel spans 0 to 1,
   so x_centre = x_edge - 0.5. A view {scale, tx, ty} takes edge coordinates to screen pixels: s = t + scale * edge. */

export const MAX_SCALE = 16;

/** Pixel-centre coordinate of an edge-based one. */
export const toCentre = (edge) => edge - 0.5;

/** Edge-based coordinate of a pixel-centre one. */
export const toEdge = (centre) => centre + 0.5;

/** Screen point -> mark point (pixel centres). */
export function screenToMark(view, point) {
  return { x: toCentre((point.x - view.tx) / view.scale), y: toCentre((point.y - view.ty) / view.scale) };
}

/** Mark point (pixel centres) -> screen point. */
export function markToScreen(view, point) {
  return { x: view.tx + view.scale * toEdge(point.x), y: view.ty + view.scale * toEdge(point.y) };
}

/** Keep a mark inside the image: centres run from 0 to size - 1, edges half a pixel further. */
export function clampMark(point, image) {
  const clamp = (value, size) => Math.min(Math.max(value, -0.5), size - 0.5);
  return { x: clamp(point.x, image.width), y: clamp(point.y, image.height) };
}

/** The scale at which the whole image fits the box. */
export function fitScale(image, box) {
  return Math.min(box.width / image.width, box.height / image.height);
}

/** The view that shows the whole image, centred. */
export function fit(image, box) {
  const scale = fitScale(image, box);
  return { scale, tx: (box.width - scale * image.width) / 2, ty: (box.height - scale * image.height) / 2 };
}

function clampAxis(t, size, room) {
  if (size <= room) return (room - size) / 2;
  return Math.min(0, Math.max(room - size, t));
}

/** The nearest view that leaves no needless empty space: centred where the image is smaller than the box, else covering it. */
export function clampView(view, image, box) {
  const scale = Math.min(Math.max(view.scale, fitScale(image, box)), Math.max(MAX_SCALE, fitScale(image, box)));
  return {
    scale,
    tx: clampAxis(view.tx, scale * image.width, box.width),
    ty: clampAxis(view.ty, scale * image.height, box.height),
  };
}

/** Zoom by a factor so that the sky under `point` (screen) stays there. */
export function zoomAt(view, point, factor, image, box) {
  const scale = clampView({ ...view, scale: view.scale * factor }, image, box).scale;
  const ratio = scale / view.scale;
  const moved = { scale, tx: point.x - ratio * (point.x - view.tx), ty: point.y - ratio * (point.y - view.ty) };
  return clampView(moved, image, box);
}

/** Move the image by screen pixels. */
export function pan(view, dx, dy, image, box) {
  return clampView({ ...view, tx: view.tx + dx, ty: view.ty + dy }, image, box);
}

/** After a change of the box, keep the same sky in the middle. */
export function rebox(view, image, from, to) {
  const wasFit = Math.abs(view.scale - fitScale(image, from)) < 1e-6;
  if (wasFit) return fit(image, to);
  const dx = (to.width - from.width) / 2;
  const dy = (to.height - from.height) / 2;
  return clampView({ ...view, tx: view.tx + dx, ty: view.ty + dy }, image, to);
}

/** Distance of two points. */
export const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Middle of two points. */
export const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
