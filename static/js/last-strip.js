/* The strip about the last answer: what it was, undo for some seconds, what others said. */

export class LastStrip {
  constructor(root, undoSeconds) {
    this.root = root;
    this.undoSeconds = undoSeconds;
    this.say = root.querySelector("[data-last-say]");
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

  /** The site has it: others' answers may be looked at. A final answer cannot be taken back. */
  stored(id, final) {
    if (this.last?.id !== id) return;
    this.reveal.classList.remove("is-off");
    if (final) this.#count(0);
  }

  /** The last answer, if it may still be taken back. */
  get undoable() {
    return this.open ? this.last : null;
  }

  clear() {
    clearTimeout(this.timer);
    this.root.hidden = true;
    this.open = false;
    this.last = null;
  }
}
