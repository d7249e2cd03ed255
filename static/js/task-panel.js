/* The task column: answers, what to mark, the list of marks, the suggested trails. Draws state; tells by calls. */

import * as marks from "./marks.js";
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
  /** calls: onAnswer(key), onKeep(suggestion), onRemove(key), onFocus(key). */
  constructor(root, calls) {
    Object.assign(this, { root, calls });
    this.radios = [...root.querySelectorAll("input[name=answer]")];
    this.marking = root.querySelector("[data-marking]");
    this.instruction = root.querySelector("[data-instruction]");
    this.list = root.querySelector("[data-mark-list]");
    for (const radio of this.radios) {
      radio.addEventListener("change", () => calls.onAnswer(radio.value));
      /* After a click the arrow keys shall move the image again; by Tab they walk through the answers as usual. */
      radio.closest("label").addEventListener("pointerup", () => setTimeout(() => radio.blur()));
    }
  }

  choose(key) {
    for (const radio of this.radios) radio.checked = radio.value === key;
  }

  label(key) {
    const radio = this.radios.find((each) => each.value === key);
    return radio?.closest("label").querySelector(".answer-label").textContent ?? key;
  }

  /** step: the mark step in force or null. */
  draw({ step, state, suggestions }) {
    this.marking.hidden = step === null;
    this.root.classList.toggle("is-marking", step !== null);
    if (step === null) return;
    this.instruction.textContent = this.#say(step, state, suggestions);
    const own = state.marks.map((mark, index) => this.#markItem(mark, index + 1));
    const offers = suggestions.map((suggestion, index) => this.#offer(suggestion, index + 1, state, suggestions.length));
    this.#replace([...offers, ...own]);
  }

  #say(step, state, suggestions) {
    if (state.pending) return text("first_end");
    if (!marks.hasRoom(state)) return text("marks_full");
    return (suggestions.length ? null : step.blind_instruction) ?? step.instruction;
  }

  /** New items, with the keyboard left where it was. */
  #replace(items) {
    const held = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.list.replaceChildren(...items);
    if (held) this.list.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus();
  }

  #markItem(mark, number) {
    const item = document.createElement("li");
    item.className = mark.suggestion === null ? "mark-item" : "mark-item is-kept";
    const values = { x1: px(mark.x1), y1: px(mark.y1), x2: px(mark.x2), y2: px(mark.y2), number };
    const name = button(text("mark_item", values), "mark-name", () => this.calls.onFocus(mark.key));
    name.dataset.id = `mark-${mark.key}`;
    const ends = document.createElement("span");
    ends.className = "mark-ends data muted";
    ends.textContent = text("mark_ends", values);
    const away = button("\u00d7", "button button-quiet button-icon", () => this.calls.onRemove(mark.key), text("mark_remove", values));
    item.append(name, ends, away);
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
