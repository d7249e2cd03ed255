/* Hearts: a toggle button with the address of the favourite. It changes at once, and back if the site did not store it. */

import { reason, request } from "./http.js";
import { text } from "./texts.js";
import { show } from "./toast.js";

const busy = new Set();

/** Show a subject as a favourite, or not, wherever it stands on the page. */
function paint(address, on) {
  for (const heart of document.querySelectorAll("[data-favourite]")) {
    if (heart.dataset.favourite === address) heart.setAttribute("aria-pressed", String(on));
  }
}

/** Put the subject of this button among the favourites, or take it away. */
export async function toggle(heart) {
  const address = heart.dataset.favourite;
  if (busy.has(address)) return;
  busy.add(address);
  const on = heart.getAttribute("aria-pressed") !== "true";
  paint(address, on);
  const { status, data } = await request(address, { method: on ? "PUT" : "DELETE" });
  busy.delete(address);
  if (status >= 200 && status < 300) return;
  paint(address, !on);
  show(reason(data) || text("favourite_failed"), "error");
}
