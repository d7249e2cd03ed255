/* JSON over fetch, with the CSRF token, and what an answer means for a stored vote. */

function token() {
  const cookie = /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie);
  return cookie ? decodeURIComponent(cookie[1]) : document.body.dataset.csrf;
}

const TIMEOUT_MS = 20000;

/** {status, data, retryAfter: seconds, 0 where the site says none}; status 0 where no answer came. Never throws. */
export async function request(url, { method = "GET", body = null } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token();
  if (body !== null) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: body === null ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const data = await response.json().catch(() => ({}));
    return { status: response.status, data, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
  } catch {
    return { status: 0, data: {}, retryAfter: 0 };
  }
}

/** "stored", "refused" (the site will never take it) or "retry". */
export function outcome(status) {
  if (status >= 200 && status < 300) return "stored";
  if ([400, 404, 409, 410, 413, 415, 422].includes(status)) return "refused";
  return "retry";
}

/** One sentence out of a problem document. */
export function reason(data) {
  const fields = Object.entries(data.errors ?? {}).map(([name, lines]) => `${name}: ${[].concat(lines).join(" ")}`);
  return [data.detail ?? data.title ?? "", ...fields].filter(Boolean).join(" ");
}
