import type { ServerResponse } from "node:http";
import { isNotice, type StartEvent, type StreamEvent } from "@gatestream/protocol";
import type { RelayError } from "../errors.ts";
import type { LogBatch } from "../log/log-batch.ts";
import type { Reader } from "../stream/reader.ts";
import type { WholeAnswer } from "./adapter.ts";

const ignore = (): void => {};

/** A reader that takes an answer to its end, for a response that is written at once. */
export class CollectingReader implements Reader {
  readonly requestId: string;
  readonly expiresAt = undefined;
  hasLeft = false;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;
  #start: StartEvent | undefined;
  readonly #events: StreamEvent[] = [];
  #refusal: RelayError | undefined;

  constructor(response: ServerResponse, requestId: string) {
    this.requestId = requestId;
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
    this.#events.push(...batch.events.filter((event) => !isNotice(event)));
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
