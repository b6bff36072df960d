import { isStreamError, type StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";
import { createEventParser } from "./parse-events.ts";

export interface ReadEventsOptions extends Connection {
  readonly maxEventBytes: number;
  /** The error of a body that ends or breaks too early. */
  readonly broken: (details: { readonly cause?: unknown }) => StreamError;
}

/**
 * Reads a relay's event stream until `onEvent` returns true.
 *
 * @throws StreamError `protocol` when an event is not one of a relay's, or `broken`.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  { onEvent, onActivity, signal, maxEventBytes, broken }: ReadEventsOptions,
): Promise<void> {
  const reader = body.getReader();
  const parse = createEventParser(onEvent, maxEventBytes);
  // A body that has ended or broken rejects; either way the rest is not needed. A caller's own `fetch`
  // may not connect the body to the request's signal.
  const giveUp = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw broken({});
      if (parse(value)) return;
      onActivity();
    }
  } catch (cause) {
    throw isStreamError(cause) ? cause : broken({ cause });
  } finally {
    giveUp();
  }
}
