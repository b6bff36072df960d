/** Header values as undici gives them: lower-case names. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function headerValue(headers: HeaderValues, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The `Content-Type` without its parameters. */
export function mediaTypeOf(headers: HeaderValues): string | undefined {
  return headerValue(headers, "content-type")?.split(";")[0]?.trim().toLowerCase();
}

/** What the upstream's own operators find the request by: Genesys' header, the usual one, Anthropic's. */
export function correlationId(headers: HeaderValues): string | undefined {
  const names = ["inin-correlation-id", "x-request-id", "request-id"];
  return names.map((name) => headerValue(headers, name)).find((id) => id !== undefined);
}

/**
 * How long a rate-limited caller is asked to wait, in milliseconds: `Retry-After`, else
 * `inin-ratelimit-reset` (seconds), else "[n] seconds" in the message.
 */
export function rateLimitWaitMs(
  headers: HeaderValues,
  message: string,
  nowMs: number,
): number | undefined {
  return (
    retryAfterMs(headers, nowMs) ??
    secondsToMs(headerValue(headers, "inin-ratelimit-reset")) ??
    secondsToMs(/\[(\d+)\] seconds/.exec(message)?.[1])
  );
}

/** `Retry-After` as milliseconds from now: seconds or an HTTP date (RFC 9110, "Retry-After"). */
export function retryAfterMs(headers: HeaderValues, nowMs: number): number | undefined {
  const value = headerValue(headers, "retry-after");
  const ms = secondsToMs(value);
  if (ms !== undefined || value === undefined) return ms;
  // Date.parse takes almost anything for a date; an HTTP date is in GMT and says so.
  const date = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** How long nothing more is allowed, in milliseconds: 0 while the quota is not used up. */
export function quotaUsedUpForMs(headers: HeaderValues): number {
  const count = Number(headerValue(headers, "inin-ratelimit-count") ?? Number.NaN);
  const allowed = Number(headerValue(headers, "inin-ratelimit-allowed") ?? Number.NaN);
  const isUsedUp = count >= allowed;
  return (isUsedUp && secondsToMs(headerValue(headers, "inin-ratelimit-reset"))) || 0;
}

function secondsToMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d{1,9}(\.\d+)?\s*$/.test(value)
    ? Number(value) * 1000
    : undefined;
}
