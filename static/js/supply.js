/* Where subjects come from: the site's queue, page by page, without those that were answered here and not stored yet,
   or in another window meanwhile. */

import { answered } from "./answered.js";
import { request } from "./http.js";
import { provide } from "./provisions.js";
import { Queue } from "./queue.js";

/** The queue of the page. prepare(subject): makes its images ready. onSlower(seconds): the site asks to wait.
    onLater(seconds): when there may be more, where nothing is left but what others hold just now; else 0. */
export function makeQueue({ config, first, outbox, prepare, onSlower, onLater }) {
  const isDone = answered(outbox, config);

  async function fetchPage(asked) {
    const holding = asked?.holding ?? [];
    const url = holding.length ? `${config.queue_url}&holding=${holding.join(",")}` : config.queue_url;
    const { status, data, retryAfter } = await request(url);
    if (status === 200) onLater(data.later ?? 0);
    if (status !== 429) return { ok: status === 200, results: (data.results ?? []).filter((subject) => !isDone(subject)), gone: data.gone ?? [] };
    onSlower(retryAfter);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(retryAfter, 1)));
    return fetchPage(asked);
  }

  const provided = provide({ config, outbox, fetchPage, prepare });
  return new Queue({ fetchPage: provided.fetchPage, preload: provided.prepare, first, isDone, ready: outbox.ready });
}
