/* A button under each block of text that is there to be copied. */

import { text } from "./texts.js";
import * as toast from "./toast.js";

async function copy(words, button) {
  try {
    await navigator.clipboard.writeText(words);
    button.textContent = text("copied");
    setTimeout(() => (button.textContent = text("copy")), 3000);
    toast.show(text("copied"), "success");
  } catch {
    toast.show(text("copy_failed"), "warning"); // without https a browser allows none
  }
}

for (const block of document.querySelectorAll(".text pre")) {
  const frame = document.createElement("div");
  frame.className = "copy";
  const button = document.createElement("button");
  button.className = "button button-small";
  button.type = "button";
  button.textContent = text("copy");
  button.addEventListener("click", () => copy(block.textContent.trim(), button));
  block.replaceWith(frame);
  frame.append(block, button);
}
