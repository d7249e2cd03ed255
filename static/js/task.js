/* What the workflow asks, and the answer as the API takes it. Pure. */

/** The first step: one question with its answers. */
export const question = (steps) => steps.steps[steps.first];

/** What is asked of a subject: where no trail is suggested, a step may have other words. */
export function questionWords(steps, subject) {
  const step = question(steps);
  return (subject.suggestions?.length ? null : step.blind_question) ?? step.question;
}

/** The step for marks that follows this answer, or null. */
export function markStep(steps, answerKey) {
  const answer = question(steps).answers.find((each) => each.key === answerKey);
  const next = answer?.next ? steps.steps[answer.next] : null;
  return next?.type === "segment" ? { key: answer.next, ...next } : null;
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

/** The body of POST /api/v1/classifications/. */
export function body({ id, config, subject, answer, marks, viewer, startedAt, finishedAt }) {
  const step = markStep(config.steps, answer);
  const kept = step ? marks : [];
  const annotations = { [config.steps.first]: answer };
  if (step) annotations[step.key] = kept;
  return {
    id,
    workflow: config.workflow,
    version: subject.version ?? config.version,
    subject: subject.id,
    serve: subject.serve ?? null,
    answer,
    marks: kept,
    annotations,
    viewer,
    started_at: startedAt,
    finished_at: finishedAt,
  };
}
