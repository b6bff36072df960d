/** Header values as undici gives them: lower-case names. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function headerValue(headers: HeaderValues, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * How long the other side asks to wait, in milliseconds: `Retry-After` as seconds or as an HTTP
 * date (RFC 9110, "Retry-After"), else `inin-ratelimit-reset`, else "[n] seconds" in the message.
 */
export function statedWaitMs(
  headers: HeaderValues,
  message: string,
  nowMs: number,
): number | undefined {
  return (
    retryAfterMs(headerValue(headers, "retry-after"), nowMs) ??
    secondsToMs(headerValue(headers, "inin-ratelimit-reset")) ??
    secondsToMs(/\[(\d+)\] seconds/.exec(message)?.[1])
  );
}

function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  const ms = secondsToMs(value);
  if (ms !== undefined || value === undefined) return ms;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function secondsToMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d{1,9}(\.\d+)?\s*$/.test(value)
    ? Number(value) * 1000
    : undefined;
}
