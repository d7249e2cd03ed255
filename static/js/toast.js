/* Short messages at the foot of the page. They stay until closed if they tell of a fault. */

import { text } from "./texts.js";

const STAY_MS = 4000;
const READ_MS = 60; // for each character

function watch(toast, stays) {
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  if (!stays) setTimeout(() => toast.remove(), STAY_MS + READ_MS * toast.textContent.length);
}

/** Show a message; kind is success, warning, error or info. */
export function show(message, kind = "info") {
  /* The same words again replace what still stands. */
  for (const old of document.querySelectorAll(".toast")) if (old.firstElementChild.textContent === message) old.remove();
  const toast = document.createElement("div");
  toast.className = `toast toast-${kind}`;
  const line = document.createElement("p");
  line.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-small";
  close.dataset.toastClose = "";
  close.textContent = text("close");
  toast.append(line, close);
  document.querySelector("[data-toasts]").append(toast);
  watch(toast, kind === "error");
}

/** Give the messages the server wrote their close buttons. */
export function adopt() {
  for (const toast of document.querySelectorAll("[data-toast]")) {
    watch(toast, toast.classList.contains("toast-error"));
  }
}
