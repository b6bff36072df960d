import type { KnownEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";
import { isStreamError, StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";

export interface ReadEventsOptions extends Connection {
  readonly maxEventBytes: number;
  /** What a body that ends or breaks without being asked to is. */
  readonly broken: (details: { readonly cause?: unknown }) => StreamError;
}

/**
 * Reads a relay's event stream until `onEvent` wants no more.
 *
 * @throws StreamError `protocol` when an event is not one of a relay's, or `broken`.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  { onEvent, onLife, signal, maxEventBytes, broken }: ReadEventsOptions,
): Promise<void> {
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let isOver = false;
  let pendingBytes = 0;

  function checkSize(bytes: number): void {
    if (bytes > maxEventBytes) throw protocolError("larger than maxEventBytes");
  }

  const parser = createParser({
    onEvent({ data, id }) {
      checkSize(data.length);
      pendingBytes = 0;
      isOver ||= onEvent(parseEvent(data), id === undefined ? id : Number(id));
    },
  });
  // A body that is over or broken rejects; either way nobody waits for the rest. Not every `fetch` of
  // a caller's own ties it to the request's signal.
  const giveUp = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      if (done) throw broken({});
      pendingBytes += value.length;
      parser.feed(utf8.decode(value, { stream: true }));
      onLife();
      checkSize(pendingBytes);
    }
  } catch (cause) {
    throw isStreamError(cause) ? cause : broken({ cause });
  } finally {
    giveUp();
  }
}

function parseEvent(data: string): KnownEvent {
  let event: KnownEvent | null | undefined;
  try {
    event = JSON.parse(data);
  } catch {
    // What is no JSON has no type either.
  }
  // Other fields are the relay's promise; unknown types and fields are passed on as they are.
  if (typeof event?.type !== "string") throw protocolError("not JSON with a type");
  return event;
}

function protocolError(what: string): StreamError {
  return new StreamError("protocol", `The relay sent an event that is ${what}.`);
}
