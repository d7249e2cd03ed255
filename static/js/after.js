/* What others said of the last subject, in a panel over the task column (a sheet on a phone). Opening it ends the chance to change
   one's answer; the site is asked to note that and answers with the fragment. */

import { cookieToken } from "./http.js";
import { text } from "./texts.js";

const TIMEOUT_MS = 20000;

/** The fragment about a subject as HTML; null where it did not come. The site notes that it was opened. */
export async function reveal(url) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "HX-Request": "true", "X-CSRFToken": cookieToken() || document.body.dataset.csrf },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

export class After {
  /** onShown(subject): it is open, and what was said of it stands. */
  constructor(dialog, { onShown }) {
    Object.assign(this, { dialog, onShown, body: dialog.querySelector("[data-after-body]"), title: dialog.querySelector("h2") });
  }

  /** Open the panel about a subject. reveal: address that opens it; url: of its own page. */
  async open(subject, { reveal: address, url }) {
    this.body.replaceChildren(this.#line(text("after_loading")));
    this.body.setAttribute("aria-busy", "true");
    if (!this.dialog.open) this.dialog.showModal();
    this.title.focus();
    const html = await reveal(address);
    this.body.removeAttribute("aria-busy");
    if (html === null) {
      this.#failed(url);
      return;
    }
    this.body.innerHTML = html; // our own server's, as every page is
    globalThis.htmx?.process(this.body);
    this.onShown(subject);
  }

  #line(words) {
    const line = document.createElement("p");
    line.className = "muted";
    line.setAttribute("role", "status");
    line.textContent = words;
    return line;
  }

  #failed(url) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = text("after_page");
    this.body.replaceChildren(this.#line(text("after_failed")), link);
  }
}
