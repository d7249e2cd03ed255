/* Runs on every page. */

import * as dialog from "./dialog.js";
import * as outbox from "./outbox-header.js";
import * as theme from "./theme.js";
import * as toast from "./toast.js";

theme.start();
dialog.start();
toast.adopt();
outbox.start();

/* A heart works in whatever is swapped in later, too; its script is fetched at the first tap. */
document.addEventListener("click", (event) => {
  const heart = event.target.closest?.("[data-favourite]");
  if (!heart) return;
  event.preventDefault();
  import("./favourites.js").then(
    (favourites) => favourites.toggle(heart),
    () => heart.form?.submit(),
  );
});
