/* Which key does what. Pure: takes the fields of a keyboard event, gives the name of an action.
   A small letter belongs to an answer first. So each tool has a second key too, which no answer can take: the letter with Shift. */

/* Never an answer's letter. */
const FIXED = {
  z: "undo",
  k: "keep",
  m: "mark",
  "?": "help",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  _: "zoom-out",
  0: "fit",
  ".": "frame",
  ",": "frame-back",
  "]": "turn",
  "[": "turn-back",
  ArrowLeft: "pan-left",
  ArrowRight: "pan-right",
  ArrowUp: "pan-up",
  ArrowDown: "pan-down",
  Enter: "done",
  Delete: "delete",
  Backspace: "delete",
  Escape: "forget",
};

/* An answer may take them. */
const LETTERS = {
  b: "blink",
  c: "colour",
  d: "display",
  f: "frame",
  h: "help",
  i: "invert",
  l: "limits",
  o: "one-to-one",
  r: "reset",
  s: "stretch",
  t: "turn",
  w: "window",
  x: "fullscreen",
};

const SHIFTED = {
  ...LETTERS,
  f: "frame-back",
  n: "north",
  t: "turn-back",
  ArrowLeft: "less-contrast",
  ArrowRight: "more-contrast",
  ArrowUp: "brighter",
  ArrowDown: "darker",
};

/* A held key goes on with these, but does not answer on. */
const REPEATED = /^(pan|zoom|frame|more|less|brighter|darker)/;

export const repeats = (name) => REPEATED.test(name);

/** The letter of each answer: its first letter, unless an earlier answer has it or it always means something else. */
export function answerLetters(answers) {
  const taken = new Set(Object.keys(FIXED));
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
  const name = (event.shiftKey && SHIFTED[key]) || FIXED[key];
  if (name) return { name };
  const index = event.shiftKey ? -1 : answerLetters(answers).indexOf(key);
  if (index >= 0) return { name: "answer", index };
  return LETTERS[key] ? { name: LETTERS[key] } : null;
}
