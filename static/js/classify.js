/* The classify page: brings together viewer, marks, task column, queue and outbox. */

import { request, reason } from "./http.js";
import { LastStrip } from "./last-strip.js";
import { Loupe } from "./loupe.js";
import { MarksLayer } from "./marks-layer.js";
import * as marks from "./marks.js";
import { outbox } from "./outbox-header.js";
import { Queue } from "./queue.js";
import * as shortcuts from "./shortcuts.js";
import { TaskPanel } from "./task-panel.js";
import * as task from "./task.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const LOW = 3;
const NO_ID = "00000000-0000-0000-0000-000000000000";

class ClassifyPage {
  constructor(root, config, first) {
    Object.assign(this, { root, config, answers: task.question(config.steps).answers, drafts: new Map(), count: 0 });
    const find = (name) => root.querySelector(`[data-${name}]`);
    this.viewer = new Viewer(find("viewer"));
    this.layer = new MarksLayer(this.viewer, find("marks"), {
      onMove: (key, end, point) => this.setMarks(marks.move(this.marks, key, end, point, this.image)),
      onRemove: (key) => this.setMarks(marks.remove(this.marks, key)),
      loupe: new Loupe(this.viewer, find("loupe")),
    });
    this.panel = new TaskPanel(root, {
      onAnswer: (key) => this.choose(key),
      onKeep: (suggestion) => this.setMarks(marks.toggleKept(this.marks, suggestion, this.image)),
      onRemove: (key) => this.setMarks(marks.remove(this.marks, key)),
      onFocus: (key) => this.layer.focus(key),
    });
    this.toolbar = new Toolbar(root, this.viewer);
    this.strip = new LastStrip(find("last"), config.undo_seconds);
    this.queue = new Queue({ fetchPage: () => this.fetchPage(), preload: (subject) => this.viewer.prepare(subject), first: first && !this.isWaiting(first) ? first : null, low: LOW });
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
    shortcuts.start(this.answers, (wanted) => this.act(wanted));
    this.viewer.addEventListener("tap", (event) => this.tap(event.detail.point));
    this.viewer.addEventListener("tap", (event) => event.detail.touch && this.hint(), { once: true });
    this.viewer.draws = (point) => this.isOnImage(point) && marks.hasRoom(this.marks);
    this.viewer.addEventListener("drawstart", (event) => this.marks.pending?.frame !== this.frame && this.tap(event.detail.point));
    this.viewer.addEventListener("drawend", (event) => this.placeAt(event.detail.point));
    this.viewer.addEventListener("drawstop", () => this.setMarks(marks.forget(this.marks)));
    this.viewer.addEventListener("frame", () => this.subject && this.frameShown());
    this.viewer.addEventListener("doubletap", () => this.setMarks(marks.forget(this.marks)));
    outbox.addEventListener("stored", (event) => this.stored(event.detail));
    outbox.addEventListener("refused", (event) => toast.show(text("refused", { reason: event.detail.reason }), "error"));
    outbox.addEventListener("retry", (event) => event.detail.status === 429 && this.slower(event.detail.retryAfter));
    window.addEventListener("online", () => this.subject ?? this.next());
  }

  async fetchPage() {
    const { status, data, retryAfter } = await request(this.config.queue_url);
    if (status === 429) {
      this.slower(retryAfter);
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(retryAfter, 1)));
      return this.fetchPage();
    }
    return { ok: status === 200, results: (data.results ?? []).filter((subject) => !this.isWaiting(subject)) };
  }

  /** The site asks to wait. Nothing is lost meanwhile. */
  slower(seconds) {
    toast.show(text("slower", { seconds: Math.max(seconds, 1) }), "warning");
  }

  /** Was it answered here, with the answer still on its way? The site cannot know yet. */
  isWaiting(subject) {
    return outbox.entries().some(({ body }) => body.subject === subject.id && body.workflow === this.config.workflow);
  }

  get image() {
    return this.viewer.image;
  }

  get frame() {
    return this.viewer.frame;
  }

  get step() {
    return this.answer ? task.markStep(this.config.steps, this.answer) : null;
  }

  async next() {
    this.subject = null;
    const wait = setTimeout(() => (this.root.dataset.state = "loading"), 150);
    const subject = await this.queue.next();
    clearTimeout(wait);
    if (subject) this.show(subject);
    else this.nothing();
  }

  nothing() {
    const offline = this.queue.failed;
    this.root.dataset.state = "empty";
    if (this.strip.told) toast.show(this.strip.told); // the strip goes with the last image
    this.root.querySelector("[data-nothing-done]").hidden = offline;
    this.root.querySelector("[data-nothing-offline]").hidden = !offline;
  }

  /** Show a subject, with the answer and marks it had before, if any. */
  show(subject) {
    const draft = this.drafts.get(subject.id);
    Object.assign(this, { subject, answer: draft?.answer ?? null, startedAt: new Date().toISOString() });
    this.marks = draft?.marks ?? marks.none();
    this.root.dataset.state = "ready";
    for (const name of ["subject", "serve", "version"]) {
      this.root.elements[name].value = (name === "subject" ? subject.id : subject[name]) ?? "";
    }
    this.panel.choose(this.answer);
    this.viewer.open(subject, text("alt", { subject: subject.id }));
    const question = task.questionWords(this.config.steps, subject);
    this.root.querySelector("[data-question]").textContent = question;
    this.announce(text("new_subject", { subject: subject.id, question }));
  }

  credit() {
    const credit = text("credit", { credit: this.image.credit || "NASA/ESA/STScI" });
    return this.image.licence ? `${credit} · ${this.image.licence}` : credit;
  }

  frameShown() {
    this.root.querySelector("[data-credit]").textContent = this.credit();
    this.draw();
  }

  draw() {
    const { step } = this;
    const suggestions = this.subject.suggestions ?? [];
    const shown = step ? this.marks : { ...this.marks, marks: [], pending: null };
    this.layer.update(shown, suggestions, this.frame);
    this.panel.draw({ step, state: this.marks, suggestions });
    this.root.classList.toggle("can-mark", step !== null && marks.hasRoom(this.marks));
  }

  setMarks(state) {
    if (!this.subject) return;
    if (state.marks.length > this.marks.marks.length) this.announce(text("mark_added", { number: state.marks.length }));
    this.marks = state;
    this.draw();
  }

  /** An answer was chosen. Where it asks for trails, a suggested one is kept from the start, so that one key confirms it. */
  choose(key) {
    if (!this.subject) return;
    const before = this.step;
    this.answer = key;
    this.panel.choose(key);
    if (this.step) this.marks = { ...this.marks, max: this.step.max ?? this.marks.max };
    const offers = this.subject.suggestions ?? [];
    if (this.step && !before && !this.marks.marks.length) {
      for (const offer of offers) this.marks = marks.toggleKept(this.marks, offer, this.subject.frames[offer.frame ?? 0]);
    }
    this.draw();
  }

  /** Can a mark begin at this point of the screen? */
  isOnImage(point) {
    if (!this.subject || !this.step) return false;
    const at = this.viewer.toMark(point);
    const { width, height } = this.image;
    const near = 12 / this.viewer.view.scale;
    return at.x >= -near && at.y >= -near && at.x <= width + near && at.y <= height + near;
  }

  tap(point) {
    if (this.isOnImage(point)) this.placeAt(point);
  }

  /** An end here, or as near to it as the image reaches. */
  placeAt(point) {
    if (this.subject && this.step) this.setMarks(marks.place(this.marks, this.frame, this.viewer.toMark(point), this.image));
  }

  markByKeys() {
    if (!this.subject || !this.step || !marks.hasRoom(this.marks)) return;
    const { box } = this.viewer;
    const a = this.viewer.toMark({ x: 0.4 * box.width, y: 0.5 * box.height });
    const b = this.viewer.toMark({ x: 0.6 * box.width, y: 0.5 * box.height });
    this.setMarks(marks.insert(marks.forget(this.marks), this.frame, { x1: a.x, y1: a.y, x2: b.x, y2: b.y }, this.image));
    this.layer.focus(this.marks.marks.at(-1).key);
  }

  body() {
    return task.body({
      id: task.uuid(),
      config: this.config,
      subject: this.subject,
      answer: this.answer,
      marks: marks.forApi(this.marks),
      viewer: this.viewer.state(),
      startedAt: this.startedAt,
      finishedAt: [this.startedAt, new Date().toISOString()].sort().at(-1), // a clock may be set back meanwhile
    });
  }

  address(name, subject) {
    return this.config[name].replace("/0/", `/${subject.id}/`);
  }

  async done(talk) {
    if (!this.subject) return;
    if (!this.answer) {
      toast.show(text("answer_first"), "warning");
      return;
    }
    const body = this.body();
    const { subject } = this;
    const url = this.address("subject_url_template", subject);
    this.drafts.set(subject.id, { answer: this.answer, marks: this.marks });
    outbox.add(this.config.submit_url, body);
    const sent = outbox.flush();
    this.strip.show({ id: body.id, subject, url }, this.panel.label(this.answer));
    this.toolbar.session(++this.count);
    if (talk) {
      await sent;
      if (!outbox.entries().some((entry) => entry.id === body.id)) {
        /* Who goes to the discussion sees what others said; from now on the answer is final. */
        await request(this.address("reveal_url_template", subject), { method: "POST" });
        location.assign(`${url}#discussion`);
        return;
      }
    }
    await this.next();
  }

  /** The site has an answer. On a subject with a known answer it says at once whether that was it, and the answer is final. */
  stored({ entry, data }) {
    if (data.note) this.setAside(entry.id, data.note);
    const words = data.gold ? text(data.gold.right ? "gold_right" : "gold_other", { explanation: data.gold.explanation ?? "" }).trim() : "";
    const shown = this.strip.stored(entry.id, words, data.gold?.right);
    if (!words) return;
    if (shown && this.root.dataset.state !== "empty") this.announce(words);
    else toast.show(words, data.gold.right ? "success" : "warning"); // another answer was given since, or the strip is gone
  }

  /** An answer waits for the team: said once in full, and with each such answer in its strip. */
  setAside(id, note) {
    this.strip.note(id, text("set_aside"));
    if (!this.toldAside) toast.show(note, "warning");
    this.toldAside = true;
  }

  async undo() {
    const last = this.strip.undoable;
    if (!last) return;
    if (!outbox.remove(last.id)) {
      await outbox.flush();
      const url = this.config.undo_url_template.replace(NO_ID, last.id);
      const { status, data } = await request(url, { method: "DELETE" });
      if (status === 0) return toast.show(text("undo_offline"), "error");
      if (status >= 300) return toast.show(text("undo_late", { reason: reason(data) }), "error");
    }
    this.strip.clear();
    this.toolbar.session(--this.count);
    if (this.subject) {
      this.drafts.set(this.subject.id, { answer: this.answer, marks: this.marks });
      this.queue.putBack(this.subject);
    }
    this.show(last.subject);
    this.announce(text("undone"));
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

  act({ name, index }) {
    if (name === "answer") this.choose(this.answers[index].key);
    else if (name === "done") this.done(false);
    else if (name === "undo") this.undo();
    else if (name === "retry") this.next();
    else if (name === "mark") this.markByKeys();
    else if (this.subject) this.actOnSubject(name);
  }

  actOnSubject(name) {
    const [offer] = this.subject.suggestions ?? [];
    if (name === "keep" && offer && this.step) this.setMarks(marks.toggleKept(this.marks, offer, this.image));
    else if (name === "delete" && this.step) this.setMarks({ ...this.marks, marks: this.marks.marks.slice(0, -1) });
    else if (name === "forget") this.setMarks(marks.forget(this.marks));
    else this.toolbar.act(name);
  }
}

const root = document.querySelector("[data-classify]");
if (root) new ClassifyPage(root, read("classify-config"), read("classify-first"));
