/* The strip about the last answer: what it was, undo for some seconds, then change until others' answers are looked at. */

export class LastStrip {
  /** onReveal(last): somebody wants to see what others said. */
  constructor(root, undoSeconds, { onReveal }) {
    Object.assign(this, { root, undoSeconds, last: null, left: 0 });
    const find = (name) => root.querySelector(name);
    this.say = find("[data-last-say]");
    this.seconds = find("[data-last-left]");
    this.reveal = find("[data-last-reveal]");
    this.undo = find("[data-action=undo]");
    this.change = find("[data-action=change]");
    this.reveal.addEventListener("click", (event) => {
      event.preventDefault();
      if (this.last?.isStored) onReveal(this.last);
    });
  }

  /** last: {id, subject, url}; label: the answer in words. */
  show(last, label) {
    this.last = { ...last, isStored: false, isFinal: false };
    this.root.hidden = false;
    this.say.textContent = label;
    this.reveal.href = last.url;
    this.#count(this.undoSeconds);
  }

  #count(seconds) {
    clearTimeout(this.timer);
    this.left = seconds;
    this.seconds.textContent = seconds;
    if (seconds > 0) this.timer = setTimeout(() => this.#count(seconds - 1), 1000);
    this.#draw();
  }

  #draw() {
    const { isFinal = false, isStored = false } = this.last ?? {};
    const focused = [this.undo, this.change].includes(document.activeElement);
    this.undo.hidden = this.left === 0 && !isFinal;
    this.undo.classList.toggle("is-off", isFinal);
    this.change.hidden = this.left > 0 || isFinal;
    this.reveal.classList.toggle("is-off", !isStored);
    if (focused && this.left === 0 && !isFinal) this.change.focus();
  }

  /** The site has it: others' answers may be looked at. Final: the truth is told with it. False where the strip is about another by now. */
  stored(id, isFinal) {
    if (this.last?.id !== id) return false;
    this.last.isStored = true;
    if (isFinal) this.finish();
    else this.#draw();
    return true;
  }

  /** From now on the answer stands. */
  finish() {
    if (!this.last) return;
    clearTimeout(this.timer);
    this.last.isFinal = true;
    this.left = 0;
    this.#draw();
  }

  /** Add a few words about the answer of that id. */
  note(id, words) {
    if (this.last?.id === id) this.say.textContent += ` · ${words}`;
  }

  /** The last answer, if it may still be taken back. */
  get undoable() {
    return this.left > 0 ? this.last : null;
  }

  /** The last answer, if it may still be another one. */
  get changeable() {
    return this.last && !this.last.isFinal ? this.last : null;
  }

  clear() {
    clearTimeout(this.timer);
    this.root.hidden = true;
    this.left = 0;
    this.last = null;
  }
}
