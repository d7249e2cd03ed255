/* The value under the pointer of a figure, in words that the server wrote; by arrow keys, too. */

import { nearest } from "./brush.js";

const WIDTH = 640; // of the drawing (core/figures.py)

/** Let every figure below a node read out its values. */
export function start(root = document) {
  for (const svg of root.querySelectorAll("svg[data-reading]")) attach(svg);
}

function attach(svg) {
  const points = JSON.parse(svg.dataset.reading);
  if (!points.length) return;
  const plot = document.createElement("div");
  plot.className = "fig-plot";
  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", svg.getAttribute("aria-label"));
  svg.replaceWith(plot);
  const line = Object.assign(document.createElement("div"), { className: "fig-line-now", hidden: true });
  const words = Object.assign(document.createElement("p"), { className: "fig-reading" });
  words.setAttribute("aria-live", "polite");
  words.dir = "auto";
  plot.append(svg, line, words);
  for (const title of svg.querySelectorAll("title")) title.remove(); // the same words in a second box would be in the way

  let at = points.length - 1;
  const show = (index) => {
    at = Math.min(Math.max(index, 0), points.length - 1);
    line.hidden = false;
    line.style.left = `${(100 * points[at][0]) / WIDTH}%`;
    words.textContent = points[at][1];
  };
  const hide = () => {
    line.hidden = true;
    words.textContent = "";
  };
  plot.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    show(nearest(points, ((event.clientX - box.left) / box.width) * WIDTH));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: points.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(line.hidden && event.key.startsWith("Arrow") ? at : to);
  });
}
