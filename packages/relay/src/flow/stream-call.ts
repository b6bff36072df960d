import type { StreamRequest } from "@gatestream/protocol";
import type { Transport } from "../observe/observer.ts";
import type { IncomingTrace } from "../observe/remote-trace.ts";
import type { OutputFormat } from "../output/format.ts";
import type { Channel } from "../transport/channel.ts";

/** One admitted request for a stream. */
export interface StreamCall {
  readonly streamId: string;
  readonly requestId: string;
  /** Who asks. */
  readonly subject: string;
  /** Who may come back for it, and cancel it; empty where its id is all that is asked for. */
  readonly owner: string;
  readonly request: StreamRequest;
  /** The trace that the request belongs to. */
  readonly incomingTrace: IncomingTrace;
  /** How it came. */
  readonly transport: Transport;
}

/** Somebody who reads a stream. */
export interface Reader {
  readonly requestId: string;
  /** Whose streams they may read; empty where a stream's id is all that is asked for. */
  readonly owner: string;
  readonly format: OutputFormat;
  readonly channel: Channel;
  /** When what they proved ends, in milliseconds since 1970; undefined for never. */
  readonly expiresAt: number | undefined;
}
