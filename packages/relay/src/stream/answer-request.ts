import type { StreamRequest } from "@gatestream/protocol";
import type { Caller } from "../access/caller.ts";
import type { Transport } from "../observe/observer.ts";
import type { IncomingTrace } from "../observe/trace.ts";

/** An admitted request for an answer, however it came. */
export interface AnswerRequest {
  /** The id that a new stream gets. */
  readonly streamId: string;
  readonly requestId: string;
  readonly caller: Caller;
  /** Who may resume and cancel the stream; empty where its id is all that is asked for. */
  readonly owner: string;
  readonly request: StreamRequest;
  /** What a retry of the same request has again. */
  readonly idempotencyKey: string | undefined;
  /** The trace that the request belongs to. */
  readonly incomingTrace: IncomingTrace;
  /** How it came. */
  readonly transport: Transport;
  /** Called with the id of the stream as soon as that can be cancelled. */
  readonly onFound?: (streamId: string) => void;
}
