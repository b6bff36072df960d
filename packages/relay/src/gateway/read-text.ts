export interface ReadTextLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** The text of a short body, such as an error's or a token's; what lies beyond the limits is left. */
export async function readText(
  body: AsyncIterable<readonly Uint8Array[]>,
  { maxBytes, timeoutMs }: ReadTextLimits,
): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  const iterator = body[Symbol.asyncIterator]();
  const timer = setTimeout(() => void iterator.return?.(), timeoutMs);
  try {
    for await (const chunks of { [Symbol.asyncIterator]: () => iterator }) {
      for (const chunk of chunks) {
        kept.push(chunk);
        bytes += chunk.length;
      }
      if (bytes > maxBytes) break;
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(kept).toString("utf8", 0, maxBytes);
}

/** The object that `text` holds as JSON, or nothing where it is something else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Error pages of proxies are HTML: the status says enough.
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
