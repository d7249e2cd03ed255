/* Runs on every page. */

import * as dialog from "./dialog.js";
import * as install from "./install.js";
import * as outbox from "./outbox-header.js";
import * as theme from "./theme.js";
import * as toast from "./toast.js";

theme.start();
dialog.start();
toast.adopt();
outbox.start();
install.start();

/* What makes the site work without connection can wait until the page is quiet. */
const whenQuiet = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 500));
window.addEventListener("load", () => whenQuiet(() => import("./webapp.js").then((webapp) => webapp.start(), () => {})));

/* A heart works in whatever is swapped in later, too; its script is fetched at the first tap. */
document.addEventListener("click", (event) => {
  const heart = event.target.closest?.("[data-favourite]");
  if (!heart) return;
  event.preventDefault();
  import("./favourites.js").then(
    (favourites) => favourites.toggle(heart),
    () => heart.form?.requestSubmit(heart),
  );
});
