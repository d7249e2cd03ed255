/* The key of an answer, made of its label as the site makes it (classify/changes.py). */

const MAX_STEM = 37;

/** The label in small ASCII letters, unlike the keys that are taken; empty where it has none (the site then finds one). Pure. */
export function makeKey(label, taken) {
  const ascii = label.replace(/<[^>]*>/g, " ").normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
  const words = ascii.replace(/[^\w\s-]/g, "").replace(/[-\s]+/g, "-").replace(/^[-_]+|[-_]+$/g, "");
  const stem = words.replaceAll("-", "_").slice(0, MAX_STEM).replace(/^_+|_+$/g, "");
  let key = stem;
  for (let number = 2; stem && taken.includes(key); number += 1) key = `${stem}_${number}`;
  return key;
}
