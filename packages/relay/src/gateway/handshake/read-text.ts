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
