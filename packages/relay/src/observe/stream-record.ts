import { isTerminal, type WrittenEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { Observer, StreamPhase, StreamStarted, UpstreamAnswered } from "./observer.ts";

/** Whose stream it is, and what for. */
export type StreamIds = Omit<StreamStarted, "type">;

export interface StreamRecord {
  /** Passes on what the provider notifies of, and keeps what belongs into the record. */
  readonly notify: Observer;
  /** Counts what the gateway's side appends; true when it ends there. */
  readonly count: (events: readonly WrittenEvent[]) => boolean;
  /** Keeps why the answer failed. */
  failed(error: RelayError): void;
  /** Reports the whole life; a second call does nothing. */
  end(readerLeft: boolean): void;
}

/**
 * Reports that a stream has started, keeps its values while it runs, and reports them when it ends.
 *
 * @param now Milliseconds, by default of `performance`.
 */
export function createStreamRecord(
  ids: StreamIds,
  observe: Observer,
  now: () => number = () => performance.now(),
): StreamRecord {
  const startedAt = now();
  const spentMs = { queue: 0, access_token: 0, handshake: 0, first_token: 0, answer: 0 };
  // The phase of a provider that reports none, until the gateway has accepted.
  let phase: StreamPhase = "handshake";
  let phaseBegunAt = startedAt;
  let tokens = 0;
  let warnings = 0;
  let firstTokenMs: number | undefined;
  let reason = "cancelled";
  let error: RelayError | undefined;
  let answered: Pick<UpstreamAnswered, "attempts" | "correlationId"> | undefined;
  let hasEnded = false;

  function enter(next: StreamPhase): void {
    const at = now();
    spentMs[phase] += at - phaseBegunAt;
    phaseBegunAt = at;
    // From the first token on the phase is the answer, whatever a provider reports late.
    if (phase !== "answer") phase = next;
  }

  function countToken(): void {
    tokens += 1;
    if (firstTokenMs !== undefined) return;
    enter("answer");
    firstTokenMs = phaseBegunAt - startedAt;
  }

  observe({ type: "stream_started", ...ids });
  return {
    notify(event) {
      if (event.type === "phase_begun") enter(event.phase);
      if (event.type === "upstream_answered") {
        enter("first_token");
        const { attempts, correlationId } = event;
        answered = { attempts, ...(correlationId === undefined ? {} : { correlationId }) };
      }
      observe(event);
    },
    count(events) {
      for (const event of events) {
        if (typeof event === "string" || event.type === "token") countToken();
        else if (event.type === "warning") warnings += 1;
        else if (isTerminal(event)) {
          if (event.type === "stop") reason = event.reason;
          // From a provider that ends its answer with an error instead of throwing one.
          else error ??= new RelayError(event.code, event.message);
          return true;
        }
      }
      return false;
    },
    failed(failure) {
      error = failure;
    },
    end(readerLeft) {
      if (hasEnded) return;
      hasEnded = true;
      enter(phase);
      observe({
        type: "stream_ended",
        ...ids,
        ...(error === undefined ? { ending: reason } : { ending: "error", error }),
        readerLeft,
        phase,
        tokens,
        warnings,
        ...answered,
        queueMs: spentMs.queue,
        accessTokenMs: spentMs.access_token,
        handshakeMs: spentMs.handshake,
        ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
        durationMs: phaseBegunAt - startedAt,
      });
    },
  };
}
