/* The answer to the subject in hand, as far as it goes: what was said at each step and what was marked. Draws column and marks. */

import { Loupe } from "./loupe.js";
import { Marking } from "./marking.js";
import { MarksLayer } from "./marks-layer.js";
import * as marks from "./marks.js";
import { TaskPanel } from "./task-panel.js";
import * as task from "./task.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";

export class Answering {
  /** announce(words): reads them out. */
  constructor({ root, viewer, steps, announce }) {
    Object.assign(this, { root, viewer, steps, announce, subject: null, truth: null, drafts: new Map(), said: task.nothing(), held: false });
    this.layer = new MarksLayer(viewer, root.querySelector("[data-marks]"), {
      onMove: (key, end, point) => this.marking.move(key, end, point),
      onRemove: (key) => this.marking.remove(key),
      loupe: new Loupe(viewer, root.querySelector("[data-loupe]")),
    });
    this.marking = new Marking(viewer, this.layer, { mayMark: () => this.isOpen && this.path.more, onChange: (before) => this.#marked(before) });
    this.panel = new TaskPanel(root, steps, {
      onAnswer: (step, key) => this.choose(step, key),
      onKeep: (suggestion) => this.keep(suggestion),
      onRemove: (key) => this.marking.remove(key),
      onFocus: (key) => this.layer.focus(key),
    });
  }

  /** Begin a subject, or go on where its draft is. truth: the true lines, where it is only looked at once more. */
  begin(subject, truth = null) {
    const draft = this.drafts.get(subject.id);
    const state = draft?.marks ?? marks.none();
    Object.assign(this, { subject, truth, asked: null, held: false, said: draft?.said ?? task.nothing() });
    this.marking.start(truth ? { ...state, pending: null } : state);
    if (!truth) this.panel.ask(subject);
  }

  /** Keep what was said and marked, in case the subject comes back. */
  keepDraft() {
    if (this.isOpen) this.drafts.set(this.subject.id, { said: this.said, marks: this.marking.state });
  }

  /** Let it wait as it is, or go on with it. */
  hold(on) {
    this.held = on;
    this.draw();
  }

  /** No more of it for now. */
  close() {
    this.subject = null;
  }

  get isOpen() {
    return this.subject !== null && this.truth === null && !this.held;
  }

  get path() {
    return task.walk(this.steps, this.said, this.marking.state.marks);
  }

  /** The answer to the first question in words. */
  get label() {
    return this.panel.label(this.said.choices[0]?.key);
  }

  /** The questions that keys answer: the one in force first. */
  questions() {
    const below = this.isOpen ? task.shownBelow(this.steps, this.path) : null;
    return [...(below ? [below.step] : []), this.steps.first].map((step) => ({ step, answers: this.steps.steps[step].answers }));
  }

  draw() {
    if (!this.subject) return;
    const { path, subject, truth } = this;
    const { state } = this.marking;
    const shown = { ...state, marks: path.visits.flatMap((visit) => visit.marks), pending: path.visits.length ? state.pending : null };
    this.layer.update(shown, subject.suggestions ?? [], this.viewer.frame, truth);
    this.root.classList.toggle("can-mark", this.isOpen && path.more);
    if (this.isOpen) this.panel.draw({ path, state, subject });
  }

  /** What is to be done now, in words. */
  #saying() {
    const { path } = this;
    return this.panel.saying({ path, state: this.marking.state, subject: this.subject, below: task.shownBelow(this.steps, path) });
  }

  /** An answer was chosen. Where it asks for trails, a suggested one is kept from the start, so that one key confirms it. */
  choose(step, key) {
    if (!this.isOpen) return;
    const before = this.path.visits.length;
    const { state } = this.marking;
    this.said = task.choose(this.steps, this.said, state.marks, step, key);
    if (step === this.steps.first) this.marking.start({ ...state, max: task.roomFor(this.steps, key), pending: null });
    const offers = this.path.drawing && !before && !state.marks.length ? (this.subject.suggestions ?? []) : [];
    for (const offer of offers) this.keep(offer);
    this.draw();
    const label = this.steps.steps[step].answers.find((answer) => answer.key === key)?.label;
    this.announce([label, this.#saying()].filter(Boolean).join(". "));
  }

  /** The same by a key. Enter shall then mean Done, not what the keyboard was at before. */
  chooseByKey(step, key) {
    if (this.holdsKeyboard) this.rest();
    this.choose(step, key);
  }

  /** Keep a suggested trail, or let it go again. */
  keep(suggestion) {
    if (suggestion && this.isOpen && this.path.visits.length) this.marking.toggle(suggestion, this.subject.frames[suggestion.frame ?? 0]);
  }

  /** There are other marks than before: what was answered after them may not hold any more. */
  #marked(before) {
    if (!this.isOpen) return;
    const { marks: now } = this.marking.state;
    const more = now.length - before.marks.length;
    if (more > 0) this.said = task.beforeMark(this.steps, this.said, before.marks);
    if (more < 0) this.said = task.afterRemoval(this.steps, this.said);
    const held = this.layer.holdsKeyboard;
    this.draw();
    if (held && !this.layer.holdsKeyboard) this.#leave(now);
    if (more) this.announce(`${more > 0 ? text("mark_added", { number: now.length }) : text("mark_removed")} ${this.#saying()}`.trim());
  }

  /** The mark that had the keyboard is gone: the one before it has it, or the question. */
  #leave(now) {
    if (now.length) this.layer.focus(now.at(-1).key);
    else this.rest();
  }

  /** What is complete; else null, and the volunteer is told what is missing. A missing mark is asked for once. */
  finished() {
    let found = task.finish(this.steps, this.said, this.marking.state.marks);
    if (found.wants === "marks" && this.asked === found.step) {
      this.said = task.skip(this.said, found.step);
      found = task.finish(this.steps, this.said, this.marking.state.marks);
      this.draw();
    }
    if (!found.wants) return found;
    this.asked = found.step;
    const first = found.step === this.steps.first;
    toast.show(text(found.wants === "marks" ? "marks_first" : first ? "answer_first" : "answer_below"), "warning");
    return null;
  }

  /** Would Done be the whole answer? */
  get isWhole() {
    return !task.finish(this.steps, this.said, this.marking.state.marks).wants;
  }

  get holdsKeyboard() {
    return document.activeElement !== document.body && this.root.contains(document.activeElement);
  }

  /** The keyboard goes to the question. */
  rest() {
    this.panel.title.focus({ preventScroll: true });
  }
}
