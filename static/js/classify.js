/* The classify page: brings together viewer, steps, marks, task column, queue and outbox. */

import { After, reveal } from "./after.js";
import { Feedback } from "./feedback.js";
import { LastStrip } from "./last-strip.js";
import { Loupe } from "./loupe.js";
import { Marking } from "./marking.js";
import { MarksLayer } from "./marks-layer.js";
import * as marks from "./marks.js";
import { Nothing } from "./nothing.js";
import { outbox } from "./outbox-header.js";
import * as shortcuts from "./shortcuts.js";
import { makeQueue } from "./supply.js";
import { startSwipe } from "./swipe-answers.js";
import { TaskPanel } from "./task-panel.js";
import * as task from "./task.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";
import { Votes } from "./votes.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

class ClassifyPage {
  constructor(root, config, first) {
    Object.assign(this, { root, config, steps: config.steps, drafts: new Map(), count: 0, said: task.nothing(), revises: null });
    const find = (name) => root.querySelector(`[data-${name}]`);
    this.viewer = new Viewer(find("viewer"));
    this.layer = new MarksLayer(this.viewer, find("marks"), {
      onMove: (key, end, point) => this.marking.move(key, end, point),
      onRemove: (key) => this.marking.remove(key),
      loupe: new Loupe(this.viewer, find("loupe")),
    });
    this.marking = new Marking(this.viewer, this.layer, { mayMark: () => Boolean(this.subject && this.path.more), onChange: (before) => this.marked(before) });
    this.panel = new TaskPanel(root, this.steps, {
      onAnswer: (step, key) => this.choose(step, key),
      onKeep: (suggestion) => this.keep(suggestion),
      onRemove: (key) => this.marking.remove(key),
      onFocus: (key) => this.layer.focus(key),
    });
    this.toolbar = new Toolbar(root, this.viewer);
    this.feedback = new Feedback(find("feedback"));
    this.strip = new LastStrip(find("last"), config.undo_seconds, { onReveal: (last) => this.after.open(last.subject, { address: this.address("reveal_url_template", last.subject), url: last.url }) });
    this.after = new After(document.getElementById("after"), { onShown: (subject) => this.strip.last?.subject === subject && this.strip.finish() });
    this.nothing = new Nothing(find("nothing"), this.strip, () => outbox.flush());
    this.votes = new Votes({ config, outbox, onStored: (id, data) => this.stored(id, data), onSlower: (seconds) => this.slower(seconds) });
    this.queue = makeQueue({ config, first, outbox, prepare: (subject) => this.viewer.prepare(subject), onSlower: (seconds) => this.slower(seconds) });
    this.listen();
    this.next();
  }

  listen() {
    this.root.noValidate = true;
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.done(event.submitter?.value === "talk");
    });
    this.root.addEventListener("click", (event) => {
      const name = event.target.closest("[data-action]")?.dataset.action;
      if (name) this.act({ name });
    });
    shortcuts.start(() => this.questions(), (wanted) => this.act(wanted));
    startSwipe(this);
    this.viewer.addEventListener("tap", (event) => event.detail.touch && this.hint(), { once: true });
    this.viewer.addEventListener("frame", () => (this.subject ?? this.told) && this.frameShown());
    window.addEventListener("online", () => this.root.dataset.state === "empty" && this.next());
  }

  /** The questions that keys answer: the one in force first. */
  questions() {
    const below = this.subject ? task.shownBelow(this.steps, this.path) : null;
    return [...(below ? [below.step] : []), this.steps.first].map((step) => ({ step, answers: this.steps.steps[step].answers }));
  }

  /** The site asks to wait. Nothing is lost meanwhile. */
  slower(seconds) {
    toast.show(text("slower", { seconds: Math.max(seconds, 1) }), "warning");
  }

  address(name, subject) {
    return this.config[name].replace("/0/", `/${subject.id}/`);
  }

  get path() {
    return task.walk(this.steps, this.said, this.marking.state.marks);
  }

  // --- subjects

  async next() {
    Object.assign(this, { subject: null, told: null });
    const wait = setTimeout(() => (this.root.dataset.state = "loading"), 150);
    const subject = await this.queue.next();
    clearTimeout(wait);
    const isTaken = this.subject ?? this.told; // meanwhile an answer was taken back, or the truth of one is told
    if (isTaken && subject) this.queue.putBack(subject);
    else if (subject) this.show(subject);
    else if (!isTaken) this.runDry();
  }

  runDry() {
    this.root.dataset.state = "empty";
    this.told = null;
    this.feedback.hide();
    this.nothing.show(this.queue.failed);
  }

  /** Show a subject, with the answer and marks it had before, if any. */
  show(subject, revises = null) {
    const draft = this.drafts.get(subject.id);
    const state = draft?.marks ?? marks.none();
    const held = this.holdsKeyboard; // what has it may be gone in a moment
    Object.assign(this, { subject, revises, told: null, asked: null, said: draft?.said ?? task.nothing(), startedAt: new Date().toISOString() });
    this.marking.start(state);
    this.nothing.hide();
    this.feedback.hide();
    this.root.dataset.state = "ready";
    for (const name of ["subject", "serve", "version"]) {
      this.root.elements[name].value = (name === "subject" ? subject.id : subject[name]) ?? "";
    }
    this.panel.ask(subject);
    this.viewer.open(subject, text("alt", { subject: subject.id }));
    this.painted(subject);
    if (held) this.rest();
    const question = task.words(task.question(this.steps), "question", subject);
    this.announce([this.count ? text("session", { count: this.count }) : "", text("new_subject", { subject: subject.id, question })].filter(Boolean).join(". "));
  }

  /** For those who measure: when the subject is on the screen. */
  async painted(subject) {
    await this.viewer.prepare(subject);
    requestAnimationFrame(() => setTimeout(() => performance.mark("hunter:painted", { detail: subject.id })));
  }

  get holdsKeyboard() {
    return document.activeElement !== document.body && this.root.contains(document.activeElement);
  }

  /** The keyboard goes to the question. */
  rest() {
    this.panel.title.focus({ preventScroll: true });
  }

  frameShown() {
    const { credit, licence } = this.viewer.image;
    const words = text("credit", { credit: credit || "NASA/ESA/STScI" });
    this.root.querySelector("[data-credit]").textContent = licence ? `${words} · ${licence}` : words;
    this.draw();
  }

  draw() {
    const { path, subject, told } = this;
    const state = this.marking.state;
    const shown = { ...state, marks: path.visits.flatMap((visit) => visit.marks), pending: path.visits.length ? state.pending : null };
    this.layer.update(shown, (subject ?? told.subject).suggestions ?? [], this.viewer.frame, told && told.gold.marks);
    this.root.classList.toggle("can-mark", Boolean(subject) && path.more);
    if (subject) this.panel.draw({ path, state, subject });
  }

  // --- answers

  /** An answer was chosen. Where it asks for trails, a suggested one is kept from the start, so that one key confirms it. */
  choose(step, key) {
    if (!this.subject) return;
    const before = this.path.visits.length;
    const state = this.marking.state;
    this.said = task.choose(this.steps, this.said, state.marks, step, key);
    if (step === this.steps.first) this.marking.start({ ...state, max: task.roomFor(this.steps, key), pending: null });
    const { path } = this;
    const offers = path.drawing && !before && !state.marks.length ? (this.subject.suggestions ?? []) : [];
    for (const offer of offers) this.keep(offer);
    this.draw();
    const label = this.steps.steps[step].answers.find((answer) => answer.key === key)?.label;
    const below = task.shownBelow(this.steps, this.path);
    this.announce([label, this.panel.saying({ path: this.path, state: this.marking.state, subject: this.subject, below })].filter(Boolean).join(". "));
  }

  /** Enter shall then mean Done, not what the keyboard was at before. */
  answerByKey(step, key) {
    if (this.holdsKeyboard) this.rest();
    this.choose(step, key);
  }

  keep(suggestion) {
    if (this.path.visits.length) this.marking.toggle(suggestion, this.subject.frames[suggestion.frame ?? 0]);
  }

  /** There are other marks than before: what was answered after them may not hold any more. */
  marked(before) {
    if (!this.subject) return;
    const { marks: now } = this.marking.state;
    if (now.length > before.marks.length) this.said = task.beforeMark(this.steps, this.said, before.marks);
    if (now.length < before.marks.length) this.said = task.afterRemoval(this.steps, this.said);
    const held = this.layer.holdsKeyboard;
    this.draw();
    if (held && !this.layer.holdsKeyboard) this.leave(now);
    if (now.length === before.marks.length) return;
    const below = task.shownBelow(this.steps, this.path);
    const words = this.panel.saying({ path: this.path, state: this.marking.state, subject: this.subject, below });
    const what = now.length > before.marks.length ? text("mark_added", { number: now.length }) : text("mark_removed");
    this.announce(`${what} ${words}`.trim());
  }

  /** The mark that had the keyboard is gone: the one before it has it, or the question. */
  leave(now) {
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

  keepDraft() {
    if (this.subject) this.drafts.set(this.subject.id, { said: this.said, marks: this.marking.state });
  }

  async done(talk) {
    if (this.told) return this.next();
    const found = this.subject && !this.waiting ? this.finished() : null;
    if (!found) return undefined;
    performance.mark("hunter:done", { detail: this.subject.id });
    const { subject } = this;
    this.keepDraft();
    const vote = this.votes.give({ subject, finished: found, viewer: this.viewer.state(), startedAt: this.startedAt, revises: this.revises });
    this.strip.show({ id: vote.id, subject, url: this.address("subject_url_template", subject) }, this.panel.label(found.choices[0].key));
    if (!this.revises) this.toolbar.session(++this.count);
    if (this.config.waits) await this.waitFor(vote);
    if (talk && !this.told) return this.talk(vote, subject);
    return this.told ? undefined : this.next();
  }

  /** Where every answer is known, the next image waits for what is told of this one. */
  async waitFor(vote) {
    this.waiting = true;
    this.root.classList.add("is-waiting");
    await vote.sent;
    this.root.classList.remove("is-waiting");
    this.waiting = false;
  }

  /** Who goes to the discussion sees what others said; from now on the answer is final. */
  async talk(vote, subject) {
    this.subject = null;
    await vote.sent;
    if (outbox.entries().some((entry) => entry.id === vote.id)) return this.next();
    await reveal(this.address("reveal_url_template", subject));
    return location.assign(`${this.address("subject_url_template", subject)}#discussion`);
  }

  // --- what the site says of an answer

  /** On a subject with a known answer it tells the truth at once, and the answer is final. */
  stored(id, { note, gold }) {
    if (note) this.setAside(id, note);
    const isLast = this.strip.stored(id, Boolean(gold));
    if (!gold) return;
    if (isLast) this.tell(this.strip.last.subject, gold);
    else toast.show([gold.message, gold.explanation].filter(Boolean).join(" "), gold.right ? "success" : "warning"); // another answer was given since
  }

  /** Stop at a subject whose answer was known, and show it. What was begun meanwhile comes back after it. */
  tell(subject, gold) {
    if (this.subject && this.subject !== subject) {
      this.keepDraft();
      this.queue.putBack(this.subject);
    }
    const draft = this.drafts.get(subject.id);
    Object.assign(this, { subject: null, said: draft.said, told: { subject, gold } });
    this.marking.start({ ...draft.marks, pending: null });
    this.nothing.hide();
    this.root.dataset.state = "feedback";
    const [choice] = draft.said.choices;
    this.viewer.open(subject, text("alt", { subject: subject.id }));
    this.announce(this.feedback.show(gold, { said: this.panel.label(choice.key), truth: this.panel.label(gold.answer), marked: this.path.visits.some((visit) => visit.marks.length) }));
  }

  /** An answer waits for the team: said once in full, and with each such answer in its strip. */
  setAside(id, note) {
    this.strip.note(id, text("set_aside"));
    if (!this.toldAside) toast.show(note, "warning");
    this.toldAside = true;
  }

  // --- back to the last answer

  async undo() {
    const last = this.strip.undoable;
    if (!last || this.busy) return;
    this.busy = true;
    const undone = await this.votes.takeBack(last.id);
    this.busy = false;
    if (!undone) return;
    this.toolbar.session(--this.count);
    this.back(last, null);
    this.announce(text("undone"));
  }

  /** Another answer to the last subject; until then the first one stands. */
  change() {
    const last = this.strip.changeable;
    if (!last) return;
    const wasSent = !outbox.remove(last.id);
    if (!wasSent) this.toolbar.session(--this.count);
    this.back(last, wasSent ? last.id : null);
    this.announce(text("changing"));
  }

  back(last, revises) {
    this.strip.clear();
    if (this.subject) {
      this.keepDraft();
      this.queue.putBack(this.subject);
    }
    this.show(last.subject, revises);
    this.rest();
  }

  /** Once, to those who touch: how to look closer. It fades by itself. */
  hint() {
    const node = this.root.querySelector("[data-hint]");
    node.textContent = text("hint_touch");
    node.hidden = false;
    setTimeout(() => node.classList.add("is-faded"), 2500);
    setTimeout(() => (node.hidden = true), 3200);
  }

  announce(words) {
    this.root.querySelector("[data-announce]").textContent = words;
  }

  act({ name, step, key }) {
    const acts = {
      answer: () => this.answerByKey(step, key),
      done: () => this.done(false),
      next: () => this.done(false),
      undo: () => this.undo(),
      change: () => this.change(),
      retry: () => this.next(),
      mark: () => this.marking.insert(),
      forget: () => this.marking.forget(),
      delete: () => this.subject && this.marking.removeLast(),
      keep: () => this.subject?.suggestions?.length && this.keep(this.subject.suggestions[0]),
    };
    if (acts[name]) acts[name]();
    else if (this.subject || this.told) this.toolbar.act(name);
  }
}

const root = document.querySelector("[data-classify]");
if (root) new ClassifyPage(root, read("classify-config"), read("classify-first"));
