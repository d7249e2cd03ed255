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

const firstLetter = (words) => /[a-z]/.exec(words.normalize("NFKD").toLowerCase())?.[0] ?? null;

/** Is this the first letter of a label? */
export const startsWith = (label, letter) => firstLetter(label) === letter;

/** Which letter means which answer: {shown: the letter of each, or null; all: a Map of letters to indices}. It is the first of the label, in the
    reader's language; where an earlier answer has that or it always means something else, the first of the key. The first of the key (Y, also
    where the label is "Sí") goes beside it where nothing else has it. */
export function answerLetters(answers) {
  const all = new Map();
  const shown = answers.map(() => null);
  const take = (number, letter) => {
    if (!letter || letter in FIXED || all.has(letter)) return;
    all.set(letter, number);
    shown[number] ??= letter;
  };
  for (const [number, { label = "" }] of answers.entries()) take(number, firstLetter(label));
  for (const [number, { key }] of answers.entries()) if (!shown[number]) take(number, firstLetter(key));
  for (const [number, { key }] of answers.entries()) if (!(firstLetter(key) in LETTERS)) take(number, firstLetter(key));
  return { shown, all };
}

/** The action of a key press: {name} or {name: "answer", index}, or null. */
export function action(event, answers) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const digit = Number(event.key);
  if (digit >= 1 && digit <= answers.length) return { name: "answer", index: digit - 1 };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = (event.shiftKey && SHIFTED[key]) || FIXED[key];
  if (name) return { name };
  const index = event.shiftKey ? undefined : answerLetters(answers).all.get(key);
  if (index !== undefined) return { name: "answer", index };
  return LETTERS[key] ? { name: LETTERS[key] } : null;
}
