/* /me/figures/: values under the pointer. */

import { start } from "./readings.js";

start();
