/* The strip about the last answer: what it was, undo for some seconds, what is known of it, what others said. */

export class LastStrip {
  constructor(root, undoSeconds) {
    this.root = root;
    this.undoSeconds = undoSeconds;
    this.say = root.querySelector("[data-last-say]");
    this.truth = root.querySelector("[data-last-truth]");
    this.left = root.querySelector("[data-last-left]");
    this.reveal = root.querySelector("[data-last-reveal]");
    this.undo = root.querySelector("[data-action=undo]");
    this.last = null;
  }

  /** last: {id, subject, answer, marks, url}; label: the answer in words. */
  show(last, label) {
    this.last = last;
    this.root.hidden = false;
    this.say.textContent = label;
    this.truth.hidden = true;
    this.reveal.href = last.url;
    this.reveal.classList.add("is-off");
    this.undo.classList.remove("is-off");
    this.#count(this.undoSeconds);
  }

  #count(seconds) {
    clearTimeout(this.timer);
    this.left.textContent = seconds;
    this.open = seconds > 0;
    this.undo.classList.toggle("is-off", !this.open);
    if (this.open) this.timer = setTimeout(() => this.#count(seconds - 1), 1000);
  }

  /** The site has it: others' answers may be looked at. Where the truth is told (in words), the answer is final.
      False where the strip is about another answer by now. */
  stored(id, truth, right) {
    if (this.last?.id !== id) return false;
    this.reveal.classList.remove("is-off");
    if (!truth) return true;
    this.truth.textContent = truth;
    this.truth.classList.toggle("is-right", right);
    this.truth.hidden = false;
    this.#count(0);
    return true;
  }

  /** Add a few words about the answer of that id. */
  note(id, words) {
    if (this.last?.id === id) this.say.textContent += ` · ${words}`;
  }

  /** The last answer, if it may still be taken back. */
  get undoable() {
    return this.open ? this.last : null;
  }

  /** What is known of the last subject, if it was told. */
  get told() {
    return this.last && !this.truth.hidden ? this.truth.textContent : "";
  }

  clear() {
    clearTimeout(this.timer);
    this.root.hidden = true;
    this.open = false;
    this.last = null;
  }
}
