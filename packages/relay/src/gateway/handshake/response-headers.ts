/** Header values as undici gives them: lower-case names. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function headerValue(headers: HeaderValues, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** What the upstream's own operators find the request by: Genesys' header, or the usual one. */
export function correlationId(headers: HeaderValues): string | undefined {
  return headerValue(headers, "inin-correlation-id") ?? headerValue(headers, "x-request-id");
}
