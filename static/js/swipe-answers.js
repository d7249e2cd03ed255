/* Ties the swipe to the classify page: when a card may be moved, what it answers, and the hints at its edges. */

import { Swipe } from "./swipe.js";
import * as task from "./task.js";

const HINTS_MS = 6000;
const AT_FIT = 1.01;

/** Is the whole image to be seen, so that moving it would be of no use? */
function isAtFit({ view, box, image }) {
  const turned = view.turn % 180 !== 0;
  const [width, height] = turned ? [image.height, image.width] : [image.width, image.height];
  return view.scale <= AT_FIT * Math.min(box.width / width, box.height / height);
}

function fade(hints) {
  if (hints.classList.contains("is-faded")) return;
  hints.classList.add("is-faded");
  setTimeout(() => (hints.hidden = true), 700);
}

/** page: the ClassifyPage. Answers that lead on are only chosen; others are given at once. */
export function startSwipe(page) {
  const { viewer, root, answer } = page;
  const { steps } = answer;
  const { answers } = task.question(steps);
  const hints = root.querySelector("[data-swipe-hints]");
  new Swipe(viewer.root, {
    labels: answers.map((answer) => answer.label),
    verdict: root.querySelector("[data-verdict]"),
    may: () => answer.isOpen && !page.waiting && !answer.path.visits.length && !viewer.windowing && isAtFit(viewer),
    onBegin: () => fade(hints),
    onAnswer: (index) => {
      answer.choose(steps.first, answers[index].key);
      if (answer.isWhole) page.done(false);
    },
  });
  if (answers.length < 2 || answers.length > 3 || !matchMedia("(pointer: coarse)").matches) return;
  for (const hint of hints.querySelectorAll("[data-swipe]")) {
    hint.dataset.label = answers[hint.dataset.swipe]?.label ?? "";
    hint.hidden = !hint.dataset.label;
  }
  hints.hidden = false;
  setTimeout(() => fade(hints), HINTS_MS);
}
