import type { StartEvent } from "@gatestream/protocol";
import type { RelayError } from "../errors.ts";
import type { LogBatch } from "../log/log-batch.ts";

/** A transport's end: one reader, who may be gone at any moment. Then what is called does nothing. */
export interface Reader {
  /** What the operator's log calls the request. */
  readonly requestId: string;
  /** When what the caller proved ends, in milliseconds since 1970; undefined for never. */
  readonly expiresAt: number | undefined;
  readonly hasLeft: boolean;
  /** Called once, when the reader has gone. */
  onLeft: () => void;
  /** Called on drain after `write` returned false. */
  onRoom: () => void;
  /** Called with `slow_consumer` when the reader does not drain in time. */
  onSlow: (error: RelayError) => void;
  /** Refuses the request instead of opening. */
  refuse(error: RelayError): void;
  /** Begins the response. */
  open(start: StartEvent): void;
  /** Sends events; false when too much waits for this reader. */
  write(batch: LogBatch): boolean;
  /** Drops the connection: a reader without a terminal event knows that it was cut off. */
  drop(): void;
  /** Ends the response; resolves when the reader has it all or has gone. */
  end(): Promise<void>;
}
