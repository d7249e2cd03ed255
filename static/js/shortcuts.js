/* Listens for keys on the classify page, and writes the letters of the answers into the sheet of keys. */

import { action, answerLetters, repeats } from "./keys.js";

function isFor(event, { name }) {
  if (event.repeat && !repeats(name)) return false;
  if (name === "done" && event.target.closest("a, button, summary")) return false;
  return !(name.startsWith("pan") && event.target.closest("input"));
}

/** Call act({name, index}) for every key that means something here. */
export function start(answers, act) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("textarea, select, input[type=number], input[type=text]")) return;
    const wanted = action(event, answers);
    if (!wanted || !isFor(event, wanted)) return;
    event.preventDefault();
    act(wanted);
  });
  const keys = answerLetters(answers).filter(Boolean).map((letter) => {
    const key = document.createElement("kbd");
    key.textContent = letter.toUpperCase();
    return key;
  });
  document.querySelector("[data-letters]")?.append(...keys.flatMap((key) => [key, " "]));
}
