/* What one sees of a pack: a button that takes it along with one tap, then tells how many are left; behind it, more about it. */

import { text } from "./texts.js";
import * as toast from "./toast.js";

const when = (date) => date.toLocaleString(document.documentElement.lang, { weekday: "short", hour: "2-digit", minute: "2-digit" });

export class PackPanel {
  /** root: the button; dialog: opened by it where there is a pack. */
  constructor(root, dialog, pack) {
    Object.assign(this, { root, dialog, pack });
    this.number = root.querySelector("[data-pack-number]");
    const find = (name) => dialog.querySelector(`[data-pack-${name}]`);
    Object.assign(this, { state: find("state"), more: find("more"), use: find("use"), drop: find("drop") });
    root.addEventListener("click", (event) => {
      if (event.detail) root.blur(); // after a tap, Enter is for Done again
      if (pack.left) dialog.showModal();
      else this.take();
    });
    this.more.addEventListener("click", () => this.take());
    this.use.addEventListener("click", () => this.choose());
    this.drop.addEventListener("click", () => pack.drop().then(() => dialog.close()));
    pack.addEventListener("change", () => this.draw());
    pack.addEventListener("progress", ({ detail: { done, total } }) => this.say(text("pack_taking", { done, total }), `${done}/${total}`));
    root.hidden = false;
    this.draw();
  }

  say(words, number = "") {
    this.root.setAttribute("aria-label", words);
    this.root.title = words;
    this.number.textContent = number;
  }

  draw() {
    const { left, until, size, taking } = this.pack;
    if (taking) return;
    this.say(left ? text("pack_left", { left }) : text("pack_take", { size }), left || "");
    this.root.classList.toggle("has-pack", left > 0);
    const isOver = until && until < new Date();
    const words = until && text(isOver ? "pack_over" : "pack_until", { time: when(until) });
    this.state.textContent = [text("pack_left", { left }), words].filter(Boolean).join(" ");
    this.more.hidden = left >= size;
    this.use.textContent = text(this.pack.chosen ? "pack_later" : "pack_next");
    if (!left && this.dialog.open) this.dialog.close();
  }

  choose() {
    this.pack.chosen = !this.pack.chosen;
    this.draw();
    this.dialog.close();
  }

  async take() {
    if (this.pack.taking) return;
    this.say(text("pack_asking"), "…");
    navigator.storage?.persist?.().catch(() => {}); // so that the browser does not clear it away to make room
    const { ok, status, data, taken, lost } = await this.pack.take();
    const words = { size: this.pack.size, left: this.pack.left, lost, reason: data?.detail ?? status };
    if (!ok) return toast.show(text(status ? "pack_failed" : "pack_offline", words), "error");
    if (!taken && !lost) return toast.show(text("pack_nothing"), "warning");
    if (lost) return toast.show(text("pack_some", words), "warning");
    const isServed = await navigator.serviceWorker?.getRegistration().catch(() => null);
    return toast.show(text(isServed ? "pack_ready" : "pack_ready_open", words), "success");
  }
}
