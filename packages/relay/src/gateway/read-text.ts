/**
 * The text of a short body, such as an error's or a token's. What lies beyond `maxBytes` is left.
 */
export async function readText(
  body: AsyncIterable<readonly Uint8Array[]>,
  maxBytes = 64 * 1024,
): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunks of body) {
    for (const chunk of chunks) {
      kept.push(chunk);
      bytes += chunk.length;
    }
    if (bytes > maxBytes) break;
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
