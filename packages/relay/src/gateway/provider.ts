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
  readonly streamId: string;
  /** Who asks: where several wait, they are served in turns. */
  readonly subject: string;
  /** Hears the place in the queue whenever it changes: 1 is next, 0 is its turn. */
  readonly onPosition: (position: number) => void;
  readonly observe: Observer;
}

/** An upstream that answers conversations. */
export interface Provider {
  /** What operators see in logs. */
  readonly name: string;
  /**
   * Asks the upstream; resolves once it has accepted, before the first event.
   *
   * @throws RelayError when it refuses, or cannot be reached after the allowed tries.
   */
  open(request: StreamRequest, context: ProviderContext): Promise<Answer>;
  /** Closes connections. Answers that still run fail. */
  close(): Promise<void>;
}
