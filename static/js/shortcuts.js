/* Listens for keys on the classify page, and writes the letters of the answers into the sheet of keys. */

import { action, answerLetters, repeats, startsWith } from "./keys.js";

function isFor(event, { name }) {
  if (event.repeat && !repeats(name)) return false;
  if (name === "done" && event.target.closest("a, button, summary")) return false;
  return !(name.startsWith("pan") && event.target.closest("input"));
}

/** What a key means: an answer to the first of these questions that has it (digits: to the very first one only), or a tool. */
export function meaning(event, questions) {
  for (const [number, { step, answers }] of questions.entries()) {
    if (number > 0 && /\d/.test(event.key)) break;
    const wanted = action(event, answers);
    if (wanted?.name === "answer") return { name: "answer", step, key: answers[wanted.index].key };
  }
  return action(event, []);
}

/** Call act({name, step, key}) for every key that means something here. questions(): [{step, answers}], the one in force first. */
export function start(questions, act) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("textarea, select, input[type=number], input[type=text], [popover]")) return;
    const wanted = meaning(event, questions());
    if (!wanted || !isFor(event, wanted)) return;
    event.preventDefault();
    act(wanted);
  });
  document.querySelector("[data-letters]")?.append(...sheet(questions().at(-1).answers));
}

/** The letters as the sheet has them; one that does not begin its label has that beside it. */
function sheet(answers) {
  return answerLetters(answers).shown.flatMap((letter, number) => {
    if (!letter) return [];
    const { label } = answers[number];
    const key = document.createElement("kbd");
    key.textContent = letter.toUpperCase();
    return [key, startsWith(label, letter) ? " " : ` ${label} `];
  });
}
