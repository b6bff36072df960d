import type { StartEvent, StreamEvent } from "@gatestream/protocol";

/** How a stream is spelled for its reader. */
export interface OutputFormat {
  /** The `Content-Type` that it is sent as, and what `Accept` asks for. */
  readonly mediaType: string;
  /** A sign of life that means nothing. */
  readonly heartbeat: string;
  /** The very first text of a response. */
  begin(start: StartEvent): string;
  /** Events that came together; numbered ones count from `firstId`. */
  encode(events: readonly StreamEvent[], firstId: number): string;
}
