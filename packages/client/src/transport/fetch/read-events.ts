import { isStreamError, type StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";
import { createEventParser } from "./parse-events.ts";

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
  const parse = createEventParser(onEvent, maxEventBytes);
  // A body that is over or broken rejects; either way nobody waits for the rest. Not every `fetch` of
  // a caller's own ties it to the request's signal.
  const giveUp = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw broken({});
      if (parse(value)) return;
      onLife();
    }
  } catch (cause) {
    throw isStreamError(cause) ? cause : broken({ cause });
  } finally {
    giveUp();
  }
}
