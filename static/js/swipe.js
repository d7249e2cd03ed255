/* An answer by moving the image like a card: right is the first answer, left the second, up the third. The card follows the finger;
   moved back it stays where it was. */

const BEGIN_PX = 10;
const PART = 0.26; // of the card's width, from there on it is an answer
const LEAST_PX = 72;

/** Which answer lies in this direction, out of so many: {index, amount: 0 to 1} or null. Pure. */
export function aim(dx, dy, width, answers) {
  const across = Math.abs(dx) >= Math.abs(dy);
  const reach = Math.max(LEAST_PX, PART * width);
  if (across) return dx === 0 ? null : { index: dx > 0 ? 0 : 1, amount: Math.min(1, Math.abs(dx) / reach) };
  return dy < 0 && answers > 2 ? { index: 2, amount: Math.min(1, -dy / reach) } : null;
}

export class Swipe {
  /** card: what moves; may(): whether it may now; labels: of the two or three answers; verdict: the node that names the answer meanwhile.
      onAnswer(index), onBegin(): the first time that a finger moves it. */
  constructor(card, { may, labels, verdict, onAnswer, onBegin }) {
    Object.assign(this, { card, may, labels, verdict, onAnswer, onBegin, pointers: new Set(), from: null, moving: false });
    if (labels.length < 2 || labels.length > 3) return;
    /* Before the viewer hears of it: what is a swipe moves no image and is no tap. */
    card.addEventListener("pointerdown", (event) => this.#down(event), { capture: true });
    card.addEventListener("pointermove", (event) => this.#move(event), { capture: true });
    card.addEventListener("pointerup", (event) => this.#up(event), { capture: true });
    card.addEventListener("pointercancel", (event) => this.#cancel(event), { capture: true });
  }

  #down(event) {
    if (event.pointerType === "mouse") return;
    this.pointers.add(event.pointerId);
    const alone = this.pointers.size === 1 && !event.target.closest("[data-viewer-ignore]");
    this.#settle();
    this.from = alone && this.may() ? { x: event.clientX, y: event.clientY } : null;
  }

  #move(event) {
    if (!this.from || !this.pointers.has(event.pointerId)) return;
    const dx = event.clientX - this.from.x;
    const dy = event.clientY - this.from.y;
    if (!this.moving && Math.hypot(dx, dy) < BEGIN_PX) return;
    if (!this.moving) this.onBegin?.();
    this.moving = true;
    this.aimed = aim(dx, dy, this.card.clientWidth, this.labels.length);
    this.#draw(dx, dy);
  }

  #draw(dx, dy) {
    const { aimed, card, verdict } = this;
    card.classList.add("is-swiped");
    card.style.transform = `translate(${dx}px, ${Math.min(dy, 0.2 * dy)}px) rotate(${0.03 * dx}deg)`;
    const strong = aimed?.amount === 1;
    verdict.dataset.label = aimed ? this.labels[aimed.index] : "";
    verdict.classList.toggle("is-sure", strong);
    verdict.style.opacity = aimed ? 0.2 + 0.8 * aimed.amount : 0;
  }

  #up(event) {
    this.pointers.delete(event.pointerId);
    const { moving, aimed } = this;
    this.#settle();
    if (moving && aimed?.amount === 1) this.onAnswer(aimed.index);
  }

  #cancel(event) {
    this.pointers.delete(event.pointerId);
    this.#settle();
  }

  /** Back to its place. */
  #settle() {
    Object.assign(this, { from: null, moving: false, aimed: null });
    this.card.classList.remove("is-swiped");
    this.card.style.transform = "";
    this.verdict.style.opacity = "";
  }
}
