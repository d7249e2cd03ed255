/* Which key does what. Pure: takes the fields of a keyboard event, gives the name of an action. */

const VIEWER = {
  i: "invert",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  _: "zoom-out",
  r: "reset",
  z: "undo",
  k: "keep",
  m: "mark",
  h: "help",
  "?": "help",
  f: "frame",
  ArrowLeft: "pan-left",
  ArrowRight: "pan-right",
  ArrowUp: "pan-up",
  ArrowDown: "pan-down",
  Enter: "done",
  Delete: "delete",
  Backspace: "delete",
  Escape: "forget",
};

/** The letter of each answer: its first letter, unless the viewer or an earlier answer has it. */
export function answerLetters(answers) {
  const taken = new Set(Object.keys(VIEWER));
  return answers.map(({ key }) => {
    const letter = key[0].toLowerCase();
    if (taken.has(letter) || !/[a-z]/.test(letter)) return null;
    taken.add(letter);
    return letter;
  });
}

/** The action of a key press: {name} or {name: "answer", index}, or null. */
export function action(event, answers) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const digit = Number(event.key);
  if (digit >= 1 && digit <= answers.length) return { name: "answer", index: digit - 1 };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const index = answerLetters(answers).indexOf(key);
  if (index >= 0) return { name: "answer", index };
  return VIEWER[key] ? { name: VIEWER[key] } : null;
}
