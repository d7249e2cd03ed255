/* Answers on their way to the site: given, changed, taken back. They go through the outbox, which keeps them until they are stored. */

import { reason, request } from "./http.js";
import * as marks from "./marks.js";
import * as task from "./task.js";
import { text } from "./texts.js";
import * as toast from "./toast.js";

const NO_ID = "00000000-0000-0000-0000-000000000000";

export class Votes {
  /** onStored(id, receipt): the site has one. onStanding(id): it has an earlier one instead. onSlower(seconds): it asks to wait. */
  constructor({ config, outbox, onStored, onStanding, onSlower }) {
    Object.assign(this, { config, outbox });
    outbox.addEventListener("stored", ({ detail }) => detail.entry.body?.subject && onStored(detail.entry.id, detail.data));
    outbox.addEventListener("standing", ({ detail }) => onStanding(detail.entry.id));
    outbox.addEventListener("refused", ({ detail }) => toast.show(text("refused", { reason: detail.reason }), "error"));
    outbox.addEventListener("retry", ({ detail }) => detail.status === 429 && onSlower(detail.retryAfter));
  }

  #address(id) {
    return this.config.classification_url_template.replace(NO_ID, id);
  }

  /** Keep an answer and send it: {id, sent: promise of the first try}. revises: id of the answer that it takes the place of;
      label: the answer in words. */
  give({ subject, finished, viewer, startedAt, revises, label }) {
    const visits = finished.visits.map(({ step, marks: drawn }) => ({ step, marks: marks.forApi(drawn) }));
    const finishedAt = [startedAt, new Date().toISOString()].sort().at(-1); // a clock may be set back meanwhile
    const body = task.body({ id: task.uuid(), config: this.config, subject, finished: { ...finished, visits }, viewer, startedAt, finishedAt });
    const labels = { [body.answer]: label };
    if (revises) this.outbox.add(this.#address(revises), body, "PUT", labels);
    else this.outbox.add(this.config.submit_url, body, "POST", labels);
    return { id: body.id, sent: this.outbox.flush() };
  }

  /** Take an answer back; false where that was not possible, which is said. */
  async takeBack(id) {
    if (this.outbox.remove(id)) return true;
    await this.outbox.flush();
    const { status, data } = await request(this.#address(id), { method: "DELETE" });
    if (status === 0) toast.show(text("undo_offline"), "error");
    else if (status >= 300) toast.show(text("undo_late", { reason: reason(data) }), "error");
    return status > 0 && status < 300;
  }
}
