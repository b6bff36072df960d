import type { Reader } from "./stream-call.ts";

/** Shortest and longest time after which a reader should reconnect, in milliseconds. */
const reconnectMs = { least: 100, most: 1_000 };

/** A random delay, so that not all readers reconnect at once. */
export function reconnectDelayMs(): number {
  const { least, most } = reconnectMs;
  return Math.round(least + Math.random() * (most - least));
}

export interface SendAwayOptions {
  readonly streamId: string;
  readonly heartbeatMs: number;
  readonly orphanGraceMs: number;
  readonly retryMs: number;
}

/**
 * Answers a reader who cannot be served now: a stream that only says when to reconnect. Any status
 * but 200 would end a browser's EventSource for good.
 */
export async function sendAway(
  { channel, format }: Reader,
  { streamId, heartbeatMs, orphanGraceMs, retryMs }: SendAwayOptions,
): Promise<void> {
  channel.open({ streamId, mediaType: format.mediaType });
  const start = { streamId, resumable: true, resumableForMs: orphanGraceMs, heartbeatMs };
  channel.write(format.begin({ type: "start", ...start }));
  channel.write(format.encode([{ type: "reconnect", retryMs }], 0));
  await channel.end();
}
