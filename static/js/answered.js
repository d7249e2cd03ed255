/* What this browser has answered, as far as its outbox tells. */

/** A function that says whether a subject was answered: with the answer still on its way, so that the site cannot know yet, or from
    another window of this browser. What was answered here and is stored may come back: it can be undone. */
export function answered(outbox, config) {
  const here = new Set();
  const elsewhere = new Set();
  const ofThis = ({ body }) => body?.workflow === config.workflow;
  const settled = ({ detail: { entry } }) => ofThis(entry) && !here.has(entry.body.subject) && elsewhere.add(entry.body.subject);
  outbox.addEventListener("added", ({ detail: { entry } }) => ofThis(entry) && here.add(entry.body.subject));
  outbox.addEventListener("stored", settled);
  outbox.addEventListener("standing", settled);
  return ({ id }) => elsewhere.has(id) || outbox.entries().some((entry) => ofThis(entry) && entry.body.subject === id);
}
