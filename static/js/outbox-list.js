/* The list of the outbox: what each answer is, why it waits or was refused; try again, copy, save, discard. */

import { text } from "./texts.js";

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-small";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function line(className, words) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = words;
  return made;
}

/** What an entry is, in one line. */
export function what(entry, locale) {
  const { subject, answer, marks } = entry.body ?? {};
  const when = entry.added_at ? new Date(entry.added_at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" }) : "";
  const said = subject ? text("outbox_vote", { subject, answer: entry.labels?.[answer] ?? answer ?? "-" }) : text("outbox_undo");
  const trails = marks?.length ? text("outbox_marks", { count: marks.length }) : "";
  return [said, trails, when].filter(Boolean).join(" · ");
}

export class OutboxList {
  constructor(root, outbox) {
    Object.assign(this, { root, outbox, sure: new Set() });
    this.items = root.querySelector("[data-outbox-list]");
    const find = (name) => root.querySelector(`[data-outbox-${name}]`);
    find("send").addEventListener("click", () => outbox.retryAll());
    find("copy").addEventListener("click", (event) => this.#copy(event.currentTarget));
    find("save").addEventListener("click", () => this.#save());
  }

  draw(entries) {
    this.items.replaceChildren(...entries.map((entry) => this.#item(entry)));
    this.root.querySelector("[data-outbox-foreign]").hidden = !entries.some((entry) => this.#isForeign(entry));
  }

  /** Does it belong to another account than the one that is signed in? */
  #isForeign(entry) {
    return Boolean(entry.owner) && entry.owner !== this.outbox.owner;
  }

  get #ours() {
    return this.outbox.entries().filter((entry) => !this.#isForeign(entry));
  }

  #state(entry) {
    if (entry.refused !== null) return text("outbox_refused", { reason: entry.refused });
    if (this.outbox.unsaved.has(entry.id)) return text("outbox_only_here");
    return entry.reason ? text("outbox_because", { reason: entry.reason }) : text("outbox_waiting");
  }

  #item(entry) {
    const item = document.createElement("li");
    item.className = "outbox-item";
    item.classList.toggle("is-refused", entry.refused !== null);
    if (this.#isForeign(entry)) item.append(line("outbox-what", text("outbox_foreign")));
    else item.append(line("outbox-what", what(entry, document.documentElement.lang)), line("small muted", this.#state(entry)));
    if (entry.refused !== null || this.#isForeign(entry)) item.append(this.#choices(entry));
    return item;
  }

  /** Discarding asks once more: what is gone is gone. */
  #choices({ id, refused }) {
    const row = document.createElement("div");
    row.className = "button-row";
    const ask = (yes) => () => {
      this.sure[yes ? "add" : "delete"](id);
      row.replaceWith(this.#choices({ id, refused }));
    };
    if (this.sure.has(id)) {
      row.append(line("small", text("discard_sure")), button(text("discard"), () => this.outbox.remove(id)), button(text("keep_it"), ask(false)));
      return row;
    }
    if (refused !== null) row.append(button(text("try_again"), () => this.outbox.retryAll(id)));
    row.append(button(text("discard"), ask(true)));
    return row;
  }

  #json() {
    return JSON.stringify(this.#ours, null, 2);
  }

  async #copy(pressed) {
    const before = pressed.textContent;
    await navigator.clipboard?.writeText(this.#json()).then(() => (pressed.textContent = text("outbox_copied")), () => this.#save());
    setTimeout(() => (pressed.textContent = before), 2000);
  }

  #save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.#json()], { type: "application/json" }));
    link.download = "hunter-outbox.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
