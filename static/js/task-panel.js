/* The task column: the first question, what is asked after it, the list of marks, the suggested trails. Draws state; tells by calls. */

import * as marks from "./marks.js";
import * as task from "./task.js";
import { text } from "./texts.js";

const px = (value) => Math.round(value);

function button(label, className, onClick, name = null) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = className;
  node.textContent = label;
  if (name) node.setAttribute("aria-label", name);
  node.addEventListener("click", onClick);
  return node;
}

export class TaskPanel {
  /** calls: onAnswer(step, key), onKeep(suggestion), onRemove(key), onFocus(key). */
  constructor(root, steps, calls) {
    Object.assign(this, { root, steps, calls });
    this.marking = root.querySelector("[data-marking]");
    this.say = root.querySelector("[data-instruction]");
    this.help = root.querySelector("[data-step-help]");
    this.list = root.querySelector("[data-mark-list]");
    this.byKeys = root.querySelector("[data-action=mark]");
    this.title = root.querySelector("[data-question]");
    this.answers = root.querySelector("[data-answers]");
    this.later = [...root.querySelectorAll("[data-later]")];
    for (const radio of root.querySelectorAll("[data-answers] input, [data-later] input")) {
      const step = radio.closest("[data-later]")?.dataset.later ?? steps.first;
      radio.addEventListener("change", () => calls.onAnswer(step, radio.value));
      /* After a click the arrow keys shall move the image again; by Tab they walk through the answers as usual. */
      radio.closest("label").addEventListener("pointerup", () => setTimeout(() => radio.blur()));
    }
  }

  /** The label of an answer of the first question. */
  label(key) {
    return task.question(this.steps).answers.find((answer) => answer.key === key)?.label ?? key;
  }

  /** The question for this subject. */
  ask(subject) {
    this.title.textContent = task.words(task.question(this.steps), "question", subject);
  }

  /** path: where one stands (task.walk); state: the marks. */
  draw({ path, state, subject }) {
    const [first] = path.choices;
    const below = task.shownBelow(this.steps, path);
    const follows = path.visits.length > 0 || below !== null;
    for (const radio of this.answers.querySelectorAll("input")) radio.checked = radio.value === first?.key;
    this.marking.hidden = !follows;
    this.root.classList.toggle("is-marking", follows);
    this.root.classList.toggle("has-later", below !== null);
    this.#drawLater(below);
    if (!follows) return;
    const words = this.saying({ path, state, subject, below });
    if (this.say.textContent !== words) this.say.textContent = words;
    this.#drawHelp(path.drawing ?? below?.step);
    this.byKeys.classList.toggle("is-off", !path.more);
    const suggestions = path.visits.length ? (subject.suggestions ?? []) : [];
    const own = path.visits.flatMap((visit) => visit.marks).map((mark, index) => this.#markItem(mark, index + 1));
    this.#replace([...suggestions.map((suggestion, index) => this.#offer(suggestion, index + 1, state, suggestions.length)), ...own]);
  }

  #drawLater(below) {
    for (const group of this.later) {
      group.hidden = group.dataset.later !== below?.step;
      for (const radio of group.querySelectorAll("input")) radio.checked = !group.hidden && radio.value === below.key;
    }
  }

  #drawHelp(step) {
    const there = document.getElementById(`help-${step}`);
    this.help.classList.toggle("is-off", !there);
    if (there) this.help.setAttribute("popovertarget", there.id);
  }

  /** What to do now, in words: of the line to draw, or of the later question. */
  saying({ path, state, subject, below }) {
    const { steps } = this.steps;
    if (state.pending) return text("first_end");
    if (path.question && below) return task.words(steps[below.step], "question", subject);
    if (path.drawing) return task.words(steps[path.drawing], "instruction", subject);
    if (below) return task.words(steps[below.step], "question", subject);
    return path.visits.length && !path.more ? text("marks_full") : "";
  }

  /** New items, with the keyboard left where it was. */
  #replace(items) {
    const held = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.list.replaceChildren(...items);
    if (held) (this.list.querySelector(`[data-id="${CSS.escape(held)}"]`) ?? this.title).focus({ preventScroll: true });
  }

  #markItem(mark, number) {
    const item = document.createElement("li");
    item.className = mark.suggestion === null ? "mark-item" : "mark-item is-kept";
    const values = { x1: px(mark.x1), y1: px(mark.y1), x2: px(mark.x2), y2: px(mark.y2), number };
    const name = button(text("mark_item", values), "mark-name", () => this.calls.onFocus(mark.key));
    name.title = text("mark_ends", values);
    name.dataset.id = `mark-${mark.key}`;
    const away = button("\u00d7", "mark-away", () => this.calls.onRemove(mark.key), text("mark_remove", values));
    item.append(name, away);
    return item;
  }

  #offer(suggestion, number, state, total) {
    const item = document.createElement("li");
    const label = document.createElement("label");
    label.className = "offer";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = marks.keptAs(state, suggestion) !== undefined;
    box.dataset.id = `offer-${suggestion.id}`;
    box.addEventListener("change", () => this.calls.onKeep(suggestion));
    const key = document.createElement("kbd");
    key.textContent = "K";
    key.setAttribute("aria-hidden", "true");
    label.append(box, total > 1 ? text("keep_number", { number }) : text("keep"), ...(number === 1 ? [key] : []));
    item.append(label);
    return item;
  }
}
