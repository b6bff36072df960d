import type { StreamEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";
import { StreamError } from "./stream-error.ts";

/**
 * Reads a relay's event stream to its end and hands over each event in order. `onEvent` answers
 * whether to stop reading.
 *
 * @throws StreamError `protocol` when an event is not one of a relay's.
 * @throws what the body throws when the connection breaks.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: StreamEvent) => boolean,
): Promise<void> {
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let isOver = false;
  const parser = createParser({
    onEvent({ data }) {
      if (!isOver) isOver = onEvent(parseEvent(data));
    },
  });
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(utf8.decode(value, { stream: true }));
    }
  } finally {
    // A body that is over or broken rejects; either way nobody waits for the rest.
    reader.cancel().catch(() => {});
  }
}

function parseEvent(data: string): StreamEvent {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch (cause) {
    throw new StreamError("protocol", "The relay sent an event that is not JSON.", { cause });
  }
  if (typeof event !== "object" || event === null || !("type" in event)) {
    throw new StreamError("protocol", "The relay sent an event without a type.");
  }
  // Fields are the relay's promise; unknown types and fields are passed on as they are.
  return event as StreamEvent;
}
