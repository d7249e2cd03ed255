/* The classify page: brings together viewer, answer, queue, outbox, and what is told afterwards. */

import { After, reveal } from "./after.js";
import { Answering } from "./answering.js";
import { Feedback, kindOf } from "./feedback.js";
import { LastStrip } from "./last-strip.js";
import { Nothing } from "./nothing.js";
import { outbox } from "./outbox-header.js";
import * as shortcuts from "./shortcuts.js";
import { makeQueue } from "./supply.js";
import { startSwipe } from "./swipe-answers.js";
import * as task from "./task.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";
import { Votes } from "./votes.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const MOST_WAIT_MS = 5000; // for what is told of an answer

class ClassifyPage {
  constructor(root, config, first) {
    Object.assign(this, { root, config, count: 0, revises: null, told: null });
    const find = (name) => root.querySelector(`[data-${name}]`);
    const onSlower = (seconds) => toast.show(text("slower", { seconds: Math.max(seconds, 1) }), "warning"); // nothing is lost meanwhile
    this.viewer = new Viewer(find("viewer"));
    this.answer = new Answering({ root, viewer: this.viewer, steps: config.steps, announce: (words) => this.announce(words) });
    this.toolbar = new Toolbar(root, this.viewer);
    this.feedback = new Feedback(find("feedback"));
    this.after = new After(document.getElementById("after"), { onShown: (subject) => this.strip.last?.subject === subject && this.strip.finish() });
    this.strip = new LastStrip(find("last"), config.undo_seconds, { onReveal: ({ subject }) => this.othersSaid(subject) });
    this.nothing = new Nothing(find("nothing"), this.strip, () => outbox.flush());
    this.votes = new Votes({ config, outbox, onStored: (id, data) => this.stored(id, data), onStanding: (id) => this.standing(id), onSlower });
    this.queue = makeQueue({ config, first, outbox, prepare: (subject) => this.viewer.prepare(subject), onSlower, onLater: (seconds) => (this.later = seconds) });
    this.listen();
    this.next();
    outbox.ready.then(() => this.skipAnswered());
    for (const name of ["change", "stored", "standing"]) outbox.addEventListener(name, () => this.skipAnswered());
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
    shortcuts.start(() => this.answer.questions(), (wanted) => this.act(wanted));
    startSwipe(this);
    this.viewer.addEventListener("tap", (event) => event.detail.touch && this.hint(), { once: true });
    this.viewer.addEventListener("frame", () => this.frameShown());
    window.addEventListener("online", () => this.root.dataset.state === "empty" && this.next());
  }

  addresses(subject) {
    const of = (name) => this.config[name].replace("/0/", `/${subject.id}/`);
    return { url: of("subject_url_template"), reveal: of("reveal_url_template") };
  }

  // --- subjects

  async next() {
    this.told = null;
    this.answer.close();
    const wait = setTimeout(() => (this.root.dataset.state = "loading"), 150);
    const subject = await this.queue.next();
    clearTimeout(wait);
    const isTaken = this.answer.subject !== null; // meanwhile an answer was taken back, or the truth of one is told
    if (isTaken && subject) this.queue.putBack(subject);
    else if (subject) this.show(subject);
    else if (!isTaken) this.runDry();
  }

  /** What was answered before, as the outbox finds, or in another window meanwhile is not asked again; an answer that is begun goes on. */
  skipAnswered() {
    const { subject, said, isOpen } = this.answer;
    if (isOpen && !said.choices.length && !this.revises && this.queue.isDone(subject)) this.next();
  }

  runDry() {
    this.root.dataset.state = "empty";
    this.feedback.hide();
    this.nothing.show(this.queue.failed);
    clearTimeout(this.again);
    if (this.later) this.again = setTimeout(() => this.root.dataset.state === "empty" && this.next(), 1000 * this.later);
  }

  /** Show a subject. revises: id of the answer that another one shall take the place of. */
  show(subject, revises = null) {
    const held = this.answer.holdsKeyboard; // what has it may be gone in a moment
    Object.assign(this, { revises, told: null, startedAt: new Date().toISOString() });
    this.answer.begin(subject);
    this.nothing.hide();
    this.feedback.hide();
    this.root.dataset.state = "ready";
    for (const name of ["subject", "serve", "version"]) {
      this.root.elements[name].value = (name === "subject" ? subject.id : subject[name]) ?? "";
    }
    this.viewer.open(subject, text("alt", { subject: subject.id }));
    this.painted(subject);
    if (held) this.answer.rest();
    const question = task.words(task.question(this.config.steps), "question", subject);
    this.announce([this.count ? text("session", { count: this.count }) : "", text("new_subject", { subject: subject.id, question })].filter(Boolean).join(". "));
  }

  /** For those who measure: when the subject is on the screen. */
  async painted(subject) {
    await this.viewer.prepare(subject);
    requestAnimationFrame(() => setTimeout(() => performance.mark("hunter:painted", { detail: subject.id })));
  }

  frameShown() {
    if (!this.answer.subject) return;
    const { credit, licence } = this.viewer.image;
    const words = text("credit", { credit: credit || "NASA/ESA/STScI" });
    this.root.querySelector("[data-credit]").textContent = licence ? `${words} · ${licence}` : words;
    this.answer.draw();
  }

  /** Away from the subject in hand, which comes back after the next one. */
  putOff() {
    if (!this.answer.isOpen) return;
    this.answer.keepDraft();
    this.queue.putBack(this.answer.subject);
  }

  // --- Done

  async done(talk) {
    if (this.told) return this.told.talk ? this.talk(this.told.talk) : this.told.beside ? this.goOn() : this.next();
    const found = this.answer.isOpen && !this.waiting ? this.answer.finished() : null;
    if (!found) return undefined;
    const { subject } = this.answer;
    performance.mark("hunter:done", { detail: subject.id });
    this.answer.keepDraft();
    const { label } = this.answer;
    const vote = this.votes.give({ subject, finished: found, viewer: this.viewer.state(), startedAt: this.startedAt, revises: this.revises, label });
    const drawn = found.visits.flatMap(({ marks }) => marks);
    this.strip.show({ id: vote.id, subject, url: this.addresses(subject).url, said: label, drawn }, label);
    if (!this.revises) this.toolbar.session(++this.count);
    if (!talk && !this.config.waits) return this.next();
    await this.waitFor(vote);
    if (this.told) this.told.talk = talk ? { ...vote, subject } : null;
    if (this.told) return undefined;
    return talk ? this.talk({ ...vote, subject }) : this.next();
  }

  /** Until the site has an answer. Where all are known, the next image waits for what is told of this one, though not for ever. */
  async waitFor(vote) {
    this.waiting = true;
    this.root.classList.add("is-waiting");
    await Promise.race([vote.sent, new Promise((resolve) => setTimeout(resolve, MOST_WAIT_MS))]);
    this.root.classList.remove("is-waiting");
    this.waiting = false;
  }

  /** Who goes to the discussion sees what others said; from now on the answer is final. Without connection there is nothing to see. */
  async talk({ id, subject }) {
    if (outbox.entries().some((entry) => entry.id === id)) return this.next();
    const { url, reveal: address } = this.addresses(subject);
    await reveal(address);
    return location.assign(`${url}#discussion`);
  }

  // --- what the site says of an answer

  /** On a subject with a known answer it tells the truth at once, and the answer is final. */
  stored(id, { note, gold }) {
    if (note) this.setAside(id, note);
    const isLast = this.strip.stored(id, Boolean(gold));
    if (!gold) return;
    if (isLast) return this.tell(this.strip.last, gold);
    const kind = ["right", "nearly"].includes(kindOf(gold)) ? "success" : "warning";
    return toast.show([gold.message, gold.explanation].filter(Boolean).join(" "), kind); // another answer was given since
  }

  /** An earlier answer stands in its place: this one can be neither undone nor changed. */
  standing(id) {
    if (this.strip.last?.id === id) this.strip.clear();
  }

  /** Stop for a subject whose answer was known, and tell it. Where the next image is on the screen by now, it stays there, and its answer
      waits: it was not to be known before that this one would stop. */
  tell({ subject, said, drawn }, gold) {
    const beside = ![null, subject].includes(this.answer.subject);
    this.told = { subject, said, drawn, gold, beside };
    this.root.dataset.state = "feedback";
    if (beside) this.answer.hold(true);
    else {
      this.answer.begin(subject, gold.marks);
      this.nothing.hide();
      this.viewer.open(subject, text("alt", { subject: subject.id }));
    }
    const truth = this.answer.panel.label(gold.answer);
    this.announce(this.feedback.show(gold, { said, truth, drawn, pictured: beside ? subject : null }));
  }

  /** The same with the image itself; the one that is on the screen comes back after it. */
  look() {
    if (!this.told?.beside) return;
    this.answer.hold(false);
    this.putOff();
    this.answer.close();
    this.tell(this.told, this.told.gold);
  }

  /** On with the image that is on the screen, where its answer was left. */
  goOn() {
    this.told = null;
    this.feedback.hide();
    this.root.dataset.state = "ready";
    this.answer.hold(false);
    this.answer.rest();
    this.skipAnswered();
  }

  /** An answer waits for the team: said once in full, and with each such answer in its strip. */
  setAside(id, note) {
    this.strip.note(id, text("set_aside"));
    if (!this.toldAside) toast.show(note, "warning");
    this.toldAside = true;
  }

  othersSaid(subject) {
    this.toolbar.look.close(); // on a phone it would lie over them
    return this.after.open(subject, this.addresses(subject));
  }

  // --- back to the last answer

  async undo() {
    const last = this.strip.undoable;
    if (this.strip.last?.isFinal) toast.show(text("final"));
    if (!last || this.waiting) return;
    this.waiting = true;
    const undone = await this.votes.takeBack(last.id);
    this.waiting = false;
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

  back({ subject }, revises) {
    this.strip.clear();
    this.putOff();
    this.show(subject, revises);
    this.answer.rest();
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
    const { answer } = this;
    const acts = {
      answer: () => this.waiting || answer.chooseByKey(step, key),
      done: () => this.done(false),
      next: () => this.done(false),
      look: () => this.look(),
      undo: () => this.undo(),
      change: () => this.change(),
      retry: () => this.next(),
      mark: () => answer.marking.insert(),
      forget: () => (answer.marking.state.pending ? answer.marking.forget() : this.toolbar.look.close()),
      delete: () => answer.isOpen && answer.marking.removeLast(),
      keep: () => answer.keep(answer.subject?.suggestions?.[0]),
    };
    if (acts[name]) acts[name]();
    else if (this.root.dataset.state !== "empty") this.toolbar.act(name); // the tools work before the first subject is there, too
  }
}

const root = document.querySelector("[data-classify]");
if (root) new ClassifyPage(root, read("classify-config"), read("classify-first"));
