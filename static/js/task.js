/* What the workflow asks, step by step, and the answer as the API takes it. Pure.
   said = {choices: [{step, key, after: marks drawn before it}], skipped: [step]}: what was answered in its order, and the drawing steps
   that may stay without a mark.
   A drawing step takes `max` marks each of the `repeat` times it may be visited. A question after a drawing step, with an answer that leads
   to drawing ("any other?"), need not be answered: one more mark means that answer, Done means the other. */

/** Nothing said yet. */
export const nothing = () => ({ choices: [], skipped: [] });

/** The first step: one question with its answers. */
export const question = (steps) => steps.steps[steps.first];

/** What a step says of a subject: where no trail is suggested, it may have other words. */
export function words(step, name, subject) {
  return (subject.suggestions?.length ? null : step[`blind_${name}`]) ?? step[name] ?? "";
}

const answerOf = (step, key) => step.answers.find((each) => each.key === key);
const draws = (steps, answer) => steps.steps[answer.next]?.type === "segment";
const most = (step) => step.max ?? 5;

/** The one answer of a question after a drawing step that leads on to drawing, if there is one and there may be one more visit. */
function drawingAnswer({ steps, path, visited }, name) {
  const found = steps.steps[name].answers.filter((answer) => draws(steps, answer));
  if (found.length !== 1 || !path.visits.length) return null;
  const { next } = found[0];
  return (visited.get(next) ?? 0) < (steps.steps[next].repeat ?? 1) ? found[0] : null;
}

/** The answer that Done means: the only one that ends, where all others lead to drawing. */
function endAnswer({ steps, path }, name) {
  const { answers } = steps.steps[name];
  const ends = answers.filter((answer) => !answer.next);
  const isOpen = path.visits.length > 0 && ends.length === 1;
  return isOpen && answers.every((answer) => !answer.next || draws(steps, answer)) ? ends[0] : null;
}

/** Where somebody stands: {choices, visits: [{step, marks}], drawing: step of the next mark or null, missing: drawing step that has none yet,
    question: step to be answered or null, more: whether one more mark is taken}. */
export function walk(steps, said, marks) {
  const path = { choices: [], visits: [], drawing: null, missing: null, question: null, more: false };
  const walker = { steps, said, path, explicit: [...said.choices], rest: [...marks], drawn: marks.length, visited: new Map() };
  let at = steps.first;
  while (at) at = steps.steps[at].type === "segment" ? visit(walker, at) : ask(walker, at);
  path.more = path.drawing !== null || leadsToMore(walker);
  return path;
}

function ask(walker, name) {
  const { steps, path, explicit, rest } = walker;
  const step = steps.steps[name];
  let choice = explicit[0]?.step === name ? explicit.shift() : null;
  if (!choice && name !== steps.first) {
    const drawing = drawingAnswer(walker, name);
    if (drawing && rest.length) choice = { step: name, key: drawing.key, after: walker.drawn - rest.length };
    /* Asked for what cannot be done any more, a question is none. */
    if (!drawing && endAnswer(walker, name)) return "";
  }
  if (!choice) {
    path.question = name;
    return "";
  }
  path.choices.push(choice);
  return answerOf(step, choice.key)?.next ?? "";
}

function visit(walker, name) {
  const { steps, said, path, explicit, rest, drawn, visited } = walker;
  const step = steps.steps[name];
  visited.set(name, (visited.get(name) ?? 0) + 1);
  if (visited.get(name) > (step.repeat ?? 1)) return "";
  const closed = explicit.length > 0; // something was answered since: no later mark belongs here
  const taken = rest.splice(0, closed ? Math.min(most(step), explicit[0].after - (drawn - rest.length)) : most(step));
  path.visits.push({ step: name, marks: taken });
  path.drawing = !closed && taken.length < most(step) ? name : null;
  if (!taken.length && !closed && !said.skipped.includes(name)) {
    path.missing = name;
    return "";
  }
  return step.next ?? "";
}

/** The later question in force, or the last one answered ("no more"): one more mark is its other answer. */
function leadsToMore(walker) {
  const { steps, path } = walker;
  const name = path.question ?? path.choices.at(-1)?.step;
  return name !== undefined && name !== steps.first && drawingAnswer(walker, name) !== null;
}

/** Choose an answer: of the first question (then all later ones are asked anew), of the one in force, or of the last one answered. */
export function choose(steps, said, marks, step, key) {
  if (step === steps.first) return { choices: [{ step, key, after: 0 }], skipped: [] };
  const { choices, question: asked } = walk(steps, said, marks);
  const choice = { step, key, after: marks.length };
  if (step === asked) return { ...said, choices: [...choices, choice] };
  return choices.at(-1)?.step === step ? { ...said, choices: [...choices.slice(0, -1), choice] } : said;
}

/** What stands once one more mark is drawn: "no more" is taken back. */
export function beforeMark(steps, said, marks) {
  const path = walk(steps, said, marks);
  return path.drawing || path.question ? said : { ...said, choices: said.choices.slice(0, -1) };
}

/** What stands once a mark is taken away: what was answered after the first drawing step is asked anew. */
export function afterRemoval(steps, said) {
  const kept = [];
  let at = steps.first;
  for (const choice of said.choices) {
    if (choice.step !== at) break;
    kept.push(choice);
    at = answerOf(steps.steps[at], choice.key)?.next ?? "";
  }
  return { choices: kept, skipped: [] };
}

/** What Done makes of it: {wants: "answer" | "marks", step}, or what is complete: {choices, visits}. */
export function finish(steps, said, marks) {
  const path = walk(steps, said, marks);
  const { choices, visits, missing, question: asked } = path;
  if (missing) return { wants: "marks", step: missing };
  if (!asked) return { choices, visits };
  const end = endAnswer({ steps, path }, asked);
  return end ? { choices: [...choices, { step: asked, key: end.key }], visits } : { wants: "answer", step: asked };
}

/** Let a drawing step stay without a mark. */
export const skip = (said, step) => ({ ...said, skipped: [...said.skipped, step] });

/** The question that is shown below the first one: the one to be answered, or the last one answered; {step, key} or null. */
export function shownBelow(steps, path) {
  if (path.question && path.question !== steps.first) return { step: path.question, key: null };
  const last = path.choices.at(-1);
  return last && last.step !== steps.first ? last : null;
}

/** How many marks can be drawn at most after the first answer. */
export function roomFor(steps, key) {
  const seen = new Set();
  const wanted = [answerOf(question(steps), key)?.next];
  let room = 0;
  while (wanted.length) {
    const name = wanted.pop();
    if (!name || seen.has(name)) continue;
    seen.add(name);
    const step = steps.steps[name];
    if (step.type === "segment") room += most(step) * (step.repeat ?? 1);
    wanted.push(step.next, ...(step.answers ?? []).map((answer) => answer.next));
  }
  return room;
}

/** What was said step by step: the first answer as a key, later ones as lists, marks where they were drawn. */
export function annotations(steps, { choices, visits }) {
  const made = {};
  for (const { step, key } of choices) {
    if (step === steps.first) made[step] = key;
    else made[step] = [...(made[step] ?? []), key];
  }
  for (const { step, marks } of visits) made[step] = [...(made[step] ?? []), ...marks];
  return made;
}

/** A random UUID; also where the page came over plain http, which has no crypto.randomUUID. */
export function uuid(source = globalThis.crypto) {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The body of a classification. finished: what `finish` gave, with marks as the API takes them. */
export function body({ id, config, subject, finished, viewer, startedAt, finishedAt }) {
  return {
    id,
    workflow: config.workflow,
    version: subject.version ?? config.version,
    subject: subject.id,
    serve: subject.serve ?? null,
    answer: finished.choices[0].key,
    marks: finished.visits.flatMap(({ marks }) => marks),
    annotations: annotations(config.steps, finished),
    viewer,
    started_at: startedAt,
    finished_at: finishedAt,
  };
}
