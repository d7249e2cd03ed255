/* What is told after an answer on a subject whose answer was known: in words in the task column, and drawn over the image, or over a
   small picture of it where the next one is on the screen already. */

import { text } from "./texts.js";

const KINDS = { right: "right", unmarked: "nearly", ends_off: "nearly", elsewhere: "elsewhere" };

/** How it went: "right", "nearly", "elsewhere" or "other". */
export const kindOf = (gold) => KINDS[gold.outcome ?? (gold.right ? "right" : "other")] ?? "other";

/** A polyline from end to end. */
function line(look, { x1, y1, x2, y2 }) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  made.setAttribute("class", `trail ${look}`);
  made.setAttribute("points", `${x1},${y1} ${x2},${y2}`);
  return made;
}

export class Feedback {
  constructor(root) {
    this.root = root;
    const find = (name) => root.querySelector(`[data-feedback-${name}]`);
    this.title = find("title");
    this.picture = find("picture");
    this.message = find("message");
    this.answers = find("answers");
    this.explanation = find("explanation");
    this.facts = find("facts");
    this.key = find("key");
    this.guide = find("guide");
  }

  /** gold: of the receipt; said, truth: both answers in words; drawn: the volunteer's marks; pictured: the subject, where a picture of it
      is wanted. Returns the same in one line, to be read out. */
  show(gold, { said, truth, drawn, pictured = null }) {
    const kind = kindOf(gold);
    this.root.dataset.kind = kind;
    this.title.textContent = text(`feedback_${kind}`);
    this.message.textContent = gold.message ?? "";
    this.answers.textContent = text(gold.right ? "feedback_same" : "feedback_answers", { said, truth });
    this.explanation.textContent = gold.explanation ?? "";
    this.#facts(gold.injected);
    this.key.hidden = !gold.marks.length;
    this.key.querySelector("[data-key-people]").hidden = !drawn.length;
    this.picture.hidden = !pictured;
    if (pictured) this.#picture(pictured.frames[0], gold.marks, drawn);
    this.guide.hidden = !gold.guide;
    this.guide.dataset.guide = gold.guide ?? "";
    this.root.hidden = false;
    this.message.parentElement.scrollTop = 0;
    this.title.closest("h1").focus({ preventScroll: true });
    return [this.title, this.message, this.answers, this.explanation].map((node) => node.textContent).filter(Boolean).join(" ");
  }

  #picture({ preview, width, height }, truths, drawn) {
    const svg = this.picture.querySelector("svg");
    Object.assign(this.picture.querySelector("img"), { src: preview, width, height });
    svg.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
    const own = drawn.filter(({ frame }) => !frame).map((mark) => line("trail-people", mark));
    svg.replaceChildren(...truths.flatMap((mark) => [line("trail-truth-casing", mark), line("trail-truth-core", mark)]), ...own);
  }

  /** A trail that was drawn into the image is told with its numbers. */
  #facts(injected) {
    this.facts.hidden = !injected;
    if (!injected) return;
    for (const node of this.facts.querySelectorAll("[data-fact]")) {
      const value = injected[node.dataset.fact];
      node.hidden = value === null || value === undefined;
      if (!node.hidden) node.querySelector("dd").textContent = text(`fact_${node.dataset.fact}`, { value: round(value) });
    }
  }

  hide() {
    this.root.hidden = true;
  }
}

/** Few enough digits to be read. */
const round = (value) => new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 }).format(value);
