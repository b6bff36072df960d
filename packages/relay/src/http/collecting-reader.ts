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
}

/** A reader that takes an answer to its end, for a response that is written at once. */
export class CollectingReader implements Reader {
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  readonly #maxChars: number;
  #chars = 0;
  hasLeft = false;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;
  #start: StartEvent | undefined;
  readonly #events: StreamEvent[] = [];
  #refusal: RelayError | undefined;

  constructor(response: ServerResponse, { requestId, expiresAt, maxChars }: CollectingOptions) {
    this.requestId = requestId;
    this.expiresAt = expiresAt;
    this.#maxChars = maxChars;
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
  }

  write(batch: LogBatch): boolean {
    for (const event of batch.events) {
      if (isNotice(event)) continue;
      this.#events.push(event);
      for (const value of Object.values(event)) {
        if (typeof value === "string") this.#chars += value.length;
      }
    }
    if (this.#chars > this.#maxChars && this.#refusal === undefined) {
      const message = `The answer is longer than ${this.#maxChars} characters: stream it.`;
      this.#refusal = new RelayError("gateway_protocol_error", message);
      this.onLeft();
    }
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
    return { start: this.#start, events: this.#events };
  }
}
