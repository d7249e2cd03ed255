/* Nothing to show: all is done (with what else waits for this person, as the site says it), or there is no connection. */

export class Nothing {
  /** strip: about the last answer, which moves here meanwhile. settled(): promise that all answers were sent, or tried. */
  constructor(root, strip, settled) {
    Object.assign(this, { root, settled, strip: strip.root, home: strip.root.parentElement });
    this.done = root.querySelector("[data-nothing-done]");
    this.offline = root.querySelector("[data-nothing-offline]");
    this.place = root.querySelector("[data-nothing-strip]");
  }

  show(isOffline) {
    this.done.hidden = isOffline;
    this.offline.hidden = !isOffline;
    this.place.append(this.strip);
    (isOffline ? this.offline : this.done).querySelector("h1")?.focus({ preventScroll: true });
    if (!isOffline) this.#ask();
  }

  /** What else waits, for somebody who has done all of this: the page itself says so when it is opened now. */
  async #ask() {
    await this.settled();
    const response = await fetch(location.href, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    if (!response?.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const others = page.querySelector("[data-nothing-others]");
    if (others && page.querySelector("[data-classify]")?.dataset.state === "empty") this.done.querySelector("[data-nothing-others]").replaceWith(others);
  }

  hide() {
    if (this.strip.parentElement === this.place) this.home.append(this.strip);
  }
}
