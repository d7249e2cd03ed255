/* Words of the page, from <template id="...texts"> (translated by the server). */

const words = new Map();

function load() {
  for (const template of document.querySelectorAll("template[id$=texts]")) {
    for (const node of template.content.querySelectorAll("[data-text]")) words.set(node.dataset.text, node.textContent);
  }
}

/** The text of that name, with {placeholders} filled in. */
export function text(name, values = {}) {
  if (!words.size) load();
  return (words.get(name) ?? name).replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}
