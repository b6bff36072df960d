import type { ServerResponse } from "node:http";
import { isNotice, type StartEvent, type StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { LogBatch } from "../log/log-batch.ts";
import type { Reader } from "../stream/reader.ts";
import type { WholeAnswer } from "./adapter.ts";

const ignore = (): void => {};

export interface CollectingOptions {
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  /** The longest answer, in UTF-16 code units of text. */
  readonly maxChars: number;
  /** Up to which event an answer is taken that may still run; 0 for none. @defaultValue to its end */
  readonly untilId?: number;
}

/** A reader that takes an answer, for a response that is written at once. */
export class CollectingReader implements Reader {
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  readonly #maxChars: number;
  readonly #untilId: number;
  #chars = 0;
  hasLeft = false;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;
  #start: StartEvent | undefined;
  #isQueued = false;
  readonly #events: StreamEvent[] = [];
  #refusal: RelayError | undefined;

  constructor(response: ServerResponse, options: CollectingOptions) {
    this.requestId = options.requestId;
    this.expiresAt = options.expiresAt;
    this.#maxChars = options.maxChars;
    this.#untilId = options.untilId ?? Infinity;
    response.once("close", () => {
      if (this.hasLeft || response.writableFinished) return;
      this.hasLeft = true;
      this.onLeft();
    });
  }

  refuse(error: RelayError): void {
    this.#refusal = error;
  }

  open(start: StartEvent): void {
    this.#start = start;
    this.#leaveAt(0);
  }

  /** What comes in the same turn is taken too: without events, the position in the queue does. */
  #leaveAt(id: number): void {
    if (id >= this.#untilId) setImmediate(() => this.onLeft());
  }

  write(batch: LogBatch): boolean {
    for (const event of batch.events) {
      if (event.type === "queued") this.#isQueued = Number(event["position"]) > 0;
      if (event.type === "gap") this.#refusal = forgotten();
      if (isNotice(event)) continue;
      this.#events.push(event);
      for (const value of Object.values(event)) {
        if (typeof value === "string") this.#chars += value.length;
      }
    }
    if (this.#chars > this.#maxChars) {
      const message = `The answer is longer than ${this.#maxChars} characters: stream it.`;
      this.#refusal ??= new RelayError("gateway_protocol_error", message);
    }
    if (this.#refusal !== undefined) this.onLeft();
    this.#leaveAt(batch.lastId);
    return true;
  }

  drop(): void {
    this.hasLeft = true;
  }

  async end(): Promise<void> {}

  /**
   * Undefined when the reader has left.
   *
   * @throws RelayError why it was refused.
   */
  answer(): WholeAnswer | undefined {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.hasLeft || this.#start === undefined) return undefined;
    return { start: this.#start, events: this.#events, isQueued: this.#isQueued };
  }
}

function forgotten(): RelayError {
  const message = "The beginning of the answer is no longer kept: it is longer than maxLogBytes.";
  return new RelayError("stream_not_found", message);
}
