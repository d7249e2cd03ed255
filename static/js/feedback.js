/* What is told after an answer on a subject whose answer was known: in words in the task column, and drawn over the image. */

import { text } from "./texts.js";

const KINDS = { right: "right", unmarked: "nearly", ends_off: "nearly", elsewhere: "elsewhere" };

export class Feedback {
  constructor(root) {
    this.root = root;
    const find = (name) => root.querySelector(`[data-feedback-${name}]`);
    this.title = find("title");
    this.message = find("message");
    this.answers = find("answers");
    this.explanation = find("explanation");
    this.facts = find("facts");
    this.key = find("key");
    this.guide = find("guide");
  }

  /** gold: of the receipt; said, truth: both answers in words; marked: whether the volunteer drew something.
      Returns the same in one line, to be read out. */
  show(gold, { said, truth, marked }) {
    const kind = KINDS[gold.outcome ?? (gold.right ? "right" : "other")] ?? "other";
    this.root.dataset.kind = kind;
    this.title.textContent = text(`feedback_${kind}`);
    this.message.textContent = gold.message ?? "";
    this.answers.textContent = text(gold.right ? "feedback_same" : "feedback_answers", { said, truth });
    this.explanation.textContent = gold.explanation ?? "";
    this.#facts(gold.injected);
    this.key.hidden = !gold.marks.length;
    this.key.querySelector("[data-key-people]").hidden = !marked;
    this.guide.hidden = !gold.guide;
    this.guide.dataset.guide = gold.guide ?? "";
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.title.closest("h1").focus({ preventScroll: true });
    return [this.title, this.message, this.answers, this.explanation].map((node) => node.textContent).filter(Boolean).join(" ");
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
