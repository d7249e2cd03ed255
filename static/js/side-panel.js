/* The field guide between image and task: not modal, so that answers, marks and keys go on working. Opened by data-guide (an entry, or empty
   for where it was left), by data-dialog-open="guide", or by an address that ends in #guide-<entry>. It remembers its place. */

const PLACE = "hunter.guide";

/** {slug, top, open} out of what was kept; anything else counts as nothing. Pure. */
export function placeFrom(kept) {
  try {
    const place = JSON.parse(kept ?? "null");
    return { slug: String(place?.slug ?? ""), top: Math.max(0, Number(place?.top) || 0) };
  } catch {
    return { slug: "", top: 0 };
  }
}

/** The entry that an address names: "#guide-ghost" gives "ghost". Pure. */
export function slugOf(hash) {
  return /^#guide-([a-z0-9-]+)$/.exec(hash)?.[1] ?? "";
}

export class SidePanel {
  constructor(node) {
    this.node = node;
    this.body = node.querySelector("[data-panel-body]");
    this.opener = null;
    document.addEventListener("click", (event) => this.#clicked(event));
    node.addEventListener("keydown", (event) => this.#key(event));
    node.addEventListener("toggle", (event) => event.target.open && this.#bringUp(event.target), true);
    window.addEventListener("hashchange", () => this.#follow());
    window.addEventListener("pagehide", () => this.isOpen && this.#remember());
    this.#follow();
  }

  get isOpen() {
    return !this.node.hidden;
  }

  get current() {
    return this.node.querySelector("details[open]")?.id.replace(/^guide-/, "") ?? "";
  }

  /** Open at an entry, or where it was left. */
  open(slug = "", opener = document.activeElement) {
    const wasOpen = this.isOpen;
    this.node.hidden = false;
    if (!wasOpen) this.opener = opener;
    const entry = slug && document.getElementById(`guide-${slug}`);
    if (entry) this.#show(entry);
    else if (!wasOpen) this.#restore();
    (entry ? entry.querySelector("summary") : this.node.querySelector("h2")).focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.#remember();
    const inside = this.node.contains(document.activeElement);
    this.node.hidden = true;
    if (inside) this.opener?.focus?.();
  }

  #show(entry) {
    for (const other of this.node.querySelectorAll("details[open]")) other.open = other === entry;
    entry.open = true;
    this.#bringUp(entry);
  }

  #bringUp(entry) {
    this.body.scrollTop += entry.getBoundingClientRect().top - this.body.getBoundingClientRect().top - 8;
  }

  #clicked(event) {
    const link = event.target.closest?.("[data-guide], [data-dialog-open=guide]");
    if (link) {
      event.preventDefault();
      const slug = link.dataset.guide || link.dataset.guideEntry || "";
      if (this.isOpen && !slug) this.close();
      else this.open(slug, link);
    } else if (event.target.closest?.("[data-panel-close]")) this.close();
  }

  #key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  }

  #follow() {
    const slug = slugOf(location.hash);
    if (slug && document.getElementById(`guide-${slug}`)) this.open(slug);
  }

  #remember() {
    try {
      sessionStorage.setItem(PLACE, JSON.stringify({ slug: this.current, top: this.body.scrollTop }));
    } catch {
      /* Storage is forbidden: it opens at the top. */
    }
  }

  #restore() {
    let kept = null;
    try {
      kept = sessionStorage.getItem(PLACE);
    } catch {
      /* as above */
    }
    const { slug, top } = placeFrom(kept);
    const entry = slug && document.getElementById(`guide-${slug}`);
    if (entry && !entry.open) {
      entry.addEventListener("toggle", () => (this.body.scrollTop = top), { once: true });
      entry.open = true;
    }
    this.body.scrollTop = top;
  }
}

const node = globalThis.document?.querySelector("[data-side-panel]");
if (node) new SidePanel(node);
