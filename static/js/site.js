/* Runs on every page. */

import * as dialog from "./dialog.js";
import * as outbox from "./outbox-header.js";
import * as theme from "./theme.js";
import * as toast from "./toast.js";

theme.start();
dialog.start();
toast.adopt();
outbox.start();
