/* JSON over fetch, with the CSRF token. */

/** The CSRF token of the cookie, which is newer than the page where somebody has signed in since; "" where there is none. */
export function cookieToken(cookies = globalThis.document?.cookie ?? "") {
  const cookie = /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(cookies);
  return cookie ? decodeURIComponent(cookie[1]) : "";
}

const TIMEOUT_MS = 20000;
const SAFE = ["GET", "HEAD"];

/** {status, data, retryAfter: seconds, 0 where the site says none}; status 0 where no answer came. Never throws.
    A redirect is no answer: none of our addresses gives one, but the sign-in page of a train or a hotel does. */
export async function request(url, { method = "GET", body = null, token = null } = {}) {
  const headers = { Accept: "application/json" };
  if (!SAFE.includes(method)) headers["X-CSRFToken"] = token ?? (cookieToken() || (globalThis.document?.body.dataset.csrf ?? ""));
  if (body !== null) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      redirect: SAFE.includes(method) ? "follow" : "manual",
      body: body === null ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const data = await response.json().catch(() => ({}));
    return { status: response.status, data: data ?? {}, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
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
