import { isTerminal, type StreamEvent } from "@gatestream/protocol";
import type { RelayError } from "../errors.ts";
import type { Observer, UpstreamAnswered } from "./observer.ts";

export interface StreamRecord {
  /** Passes on what the provider tells, and keeps what belongs into the record. */
  readonly hear: Observer;
  /** Counts what the gateway's side appends. */
  readonly count: (events: readonly StreamEvent[]) => void;
  /** Keeps why the answer failed. */
  failed(error: RelayError): void;
  /** Tells the whole life, once. */
  end(readerLeft: boolean): void;
}

/** Keeps the figures of one stream while it lives. */
export function createStreamRecord(
  ids: { readonly streamId: string; readonly requestId: string },
  observe: Observer,
): StreamRecord {
  const startedAt = performance.now();
  let tokens = 0;
  let firstTokenMs: number | undefined;
  let ending = "";
  let error: RelayError | undefined;
  let answered: Pick<UpstreamAnswered, "attempts" | "correlationId"> | undefined;
  return {
    hear(event) {
      if (event.type === "upstream_answered") {
        const { attempts, correlationId } = event;
        answered = { attempts, ...(correlationId === undefined ? {} : { correlationId }) };
      }
      observe(event);
    },
    count(events) {
      for (const event of events) {
        if (event.type === "token") tokens += 1;
        else if (isTerminal(event)) ending = event.type === "stop" ? event.reason : "error";
      }
      if (tokens > 0) firstTokenMs ??= performance.now() - startedAt;
    },
    failed(reason) {
      error = reason;
    },
    end(readerLeft) {
      observe({
        type: "stream_ended",
        ...ids,
        ending,
        ...(error === undefined ? {} : { error }),
        readerLeft,
        tokens,
        ...answered,
        durationMs: performance.now() - startedAt,
        ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      });
    },
  };
}
