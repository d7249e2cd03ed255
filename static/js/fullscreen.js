/* The whole screen for the page. iPhones give it to videos only: there the page at least drops its header. */

const root = document.documentElement;
const NAME = "is-fullscreen";

function mark(on) {
  root.classList.toggle(NAME, on);
  root.dispatchEvent(new CustomEvent("fullscreenmark", { detail: on }));
}

export async function toggle() {
  if (!root.requestFullscreen) return mark(!root.classList.contains(NAME));
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
  } catch {
    mark(!root.classList.contains(NAME)); // not allowed here
  }
}

/** Call back with true or false whenever it changes. */
export function watch(call) {
  document.addEventListener("fullscreenchange", () => mark(document.fullscreenElement !== null));
  root.addEventListener("fullscreenmark", (event) => call(event.detail));
}
