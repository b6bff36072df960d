import type { StreamEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";
import { StreamError } from "./stream-error.ts";

export interface ReadEventsOptions {
  /** Gets each event in order, and answers whether to stop reading. */
  readonly onEvent: (event: StreamEvent) => boolean;
  /** Gives the body up: not every `fetch` of a caller's own ties it to the request's signal. */
  readonly signal: AbortSignal;
}

/**
 * Reads a relay's event stream to its end.
 *
 * @throws StreamError `protocol` when an event is not one of a relay's.
 * @throws what the body throws when the connection breaks.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  { onEvent, signal }: ReadEventsOptions,
): Promise<void> {
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let isOver = false;
  const parser = createParser({
    onEvent({ data }) {
      if (!isOver) isOver = onEvent(parseEvent(data));
    },
  });
  // A body that is over or broken rejects; either way nobody waits for the rest.
  const giveUp = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(utf8.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener("abort", giveUp);
    giveUp();
  }
}

function parseEvent(data: string): StreamEvent {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch (cause) {
    throw new StreamError("protocol", "The relay sent an event that is not JSON.", { cause });
  }
  if (!hasType(event)) {
    throw new StreamError("protocol", "The relay sent an event without a type.");
  }
  // Fields are the relay's promise; unknown types and fields are passed on as they are.
  return event as StreamEvent;
}

function hasType(event: unknown): event is { readonly type: string } {
  return (
    typeof event === "object" && event !== null && "type" in event && typeof event.type === "string"
  );
}
