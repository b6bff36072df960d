import type { StreamEvent, StreamRequest } from "@gatestream/protocol";
import type { Observer } from "../observe/observer.ts";

/**
 * An answer as it comes: each item holds every event that arrived together. It ends after a
 * terminal event, or throws a `RelayError`. Leaving the loop early gives the connection back or
 * closes it.
 */
export type Answer = AsyncIterable<readonly StreamEvent[]>;

export interface ProviderContext {
  /** Aborted when nobody wants the answer any more, in whatever phase it is. */
  readonly signal: AbortSignal;
  /** What logs call the stream: of an anonymous caller's not its id, which is a secret. */
  readonly streamId: string;
  /** Who asks: where several wait, they are served in turns. */
  readonly subject: string;
  /** Hears the place in the queue whenever it changes: 1 is next, 0 is its turn. */
  readonly onPosition: (position: number) => void;
  /** Hears how the request fares. */
  readonly observe: Observer;
  /** The trace that the answer belongs to: `traceparent` and `tracestate`, where there is one. */
  readonly traceHeaders: Readonly<Record<string, string>>;
}

/** What one try of {@link Provider.check} came to. */
export interface Finding {
  /** What was tried, as an operator knows it: `gateway https://api.mypurecloud.de/…`. */
  readonly what: string;
  /** With a warning the relay works, but perhaps not as it was meant to. */
  readonly outcome: "ok" | "warning" | "failed";
  /** How it went; of anything but `ok`, what is wrong and what to change. Holds no secret. */
  readonly message: string;
}

/** An upstream that answers conversations. */
export interface Provider {
  /** What operators see in logs. */
  readonly name: string;
  /**
   * Asks the upstream; resolves once it has accepted, before the first event. The relay does not
   * read `request.messages` afterwards: a provider that has sent them may empty the array, so that
   * the memory is free while the answer streams.
   *
   * @throws RelayError when it refuses, or cannot be reached after the allowed tries.
   */
  open(request: StreamRequest, context: ProviderContext): Promise<Answer>;
  /**
   * Tries whether it could ask, without asking anything that costs: for `gatestream check`. Each
   * try is given up after ten seconds, and the signal aborted.
   *
   * @defaultValue nothing is tried
   */
  check?(signal: AbortSignal): AsyncIterable<Finding>;
  /** Closes connections. Answers that still run fail. */
  close(): Promise<void>;
}
