import { isNotice, isTerminal, type StreamEvent } from "@gatestream/protocol";
import type { LogBatch } from "../log/event-log.ts";
import type { OutputFormat } from "../output/format.ts";
import type { Channel } from "../transport/channel.ts";

/** One reader of one stream. */
export interface Delivery {
  readonly streamId: string;
  /** Whether the reader could come back. */
  readonly resumable: boolean;
  /** How long a resumable stream goes on without a reader. */
  readonly orphanGraceMs: number;
  /** What comes after the reader's cursor, up to the terminal event. */
  readonly events: AsyncIterable<LogBatch>;
  readonly format: OutputFormat;
  readonly channel: Channel;
  readonly heartbeatMs: number;
  /** For a reader who comes back: how many events it has missed. After them comes `live`. */
  readonly missed?: number;
  /** What becomes of a reader that does not read in time. */
  readonly onSlow: (slow: unknown) => void;
  /** Once aborted nobody is waited for: what little is left goes out at once. */
  readonly ending: AbortSignal;
}

/**
 * The reader's side: follows the log, from the head of the response up to the terminal event. False
 * when there came none: then the response is still open.
 */
export async function deliver(delivery: Delivery): Promise<boolean> {
  const { streamId, resumable, format, channel, heartbeatMs } = delivery;
  const resumableForMs = resumable ? delivery.orphanGraceMs : 0;
  channel.open({ streamId, mediaType: format.mediaType });
  channel.write(format.begin({ type: "start", streamId, resumable, resumableForMs, heartbeatMs }));
  const tellLive = (): unknown => channel.write(format.encode([{ type: "live" }], 0));
  let missing = delivery.missed;
  if (missing === 0) tellLive();
  let isOver = false;
  // A WebSocket has one heartbeat for all its streams.
  const heartbeat =
    format.heartbeat === ""
      ? undefined
      : setInterval(() => channel.write(format.heartbeat), heartbeatMs);
  try {
    for await (const { events, firstId } of delivery.events) {
      heartbeat?.refresh();
      const hasRoom = channel.write(format.encode(events, firstId));
      isOver = hasEnd(events);
      if (missing !== undefined && missing > 0) {
        missing -= eventsIn(events);
        if (missing <= 0 && !isOver) tellLive();
      }
      if (hasRoom || delivery.ending.aborted) continue;
      await channel.room().catch(delivery.onSlow);
    }
  } finally {
    clearInterval(heartbeat);
  }
  return isOver;
}

function hasEnd(events: readonly StreamEvent[]): boolean {
  const last = events.at(-1);
  return last !== undefined && isTerminal(last);
}

/** How far `events` move a cursor. */
function eventsIn(events: readonly StreamEvent[]): number {
  let count = 0;
  for (const event of events) {
    if (!isNotice(event)) count += 1;
    else if (event.type === "gap") count += event.to - event.from + 1;
  }
  return count;
}
