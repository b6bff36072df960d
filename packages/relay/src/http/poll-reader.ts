import { requestIdHeader, streamIdHeader } from "@gatestream/protocol";
import type { ServerResponse } from "node:http";
import { parseObject } from "../json.ts";
import type { RelayError } from "../errors.ts";
import type { LogBatch } from "../log/log-batch.ts";
import type { Reader } from "../stream/reader.ts";
import { replyWithError, replyWithJsonText } from "./reply.ts";

export interface PollReaderOptions {
  readonly streamId: string;
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  /** The id of the last event that the client has. */
  readonly after: number;
  /** How long it is answered later where there is no event. */
  readonly waitMs: number;
  /** What an answer with several events may have in them. */
  readonly maxBufferedBytes: number;
  /** How long the client may leave the answer unread. */
  readonly slowConsumerTimeoutMs: number;
}

const ignore = (): void => {};

/** A long poll as a reader: it collects what comes in one turn, is answered, and has left then. */
export class PollReader implements Reader {
  readonly #response: ServerResponse;
  readonly #options: PollReaderOptions;
  readonly #events: string[] = [];
  #bytes = 0;
  /** The id of the last event that it has. */
  #next: number;
  #isOver = false;
  #isAnswered = false;
  #hasLeft = false;
  #timer: NodeJS.Timeout | undefined;
  #answering: NodeJS.Immediate | undefined;
  #onFinished = ignore;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;

  constructor(response: ServerResponse, options: PollReaderOptions) {
    this.#response = response;
    this.#options = options;
    this.#next = options.after;
    if (response.destroyed || response.writableFinished) {
      this.#hasLeft = true;
      return;
    }
    response.once("close", this.#onClose);
    // A server's timeout for idle connections is not for it.
    response.on("timeout", ignore);
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  get expiresAt(): number | undefined {
    return this.#options.expiresAt;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Answered, or gone before. */
  readonly #onClose = (): void => {
    this.#hasLeft = true;
    this.#stop();
    this.onLeft();
    this.#onFinished();
  };

  #stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#answering);
  }

  refuse(error: RelayError): void {
    replyWithError(this.#response, error, this.requestId);
  }

  open(): void {
    if (!this.#hasLeft) this.#timer = setTimeout(() => this.#answer(), this.#options.waitMs);
  }

  write(batch: LogBatch): boolean {
    if (this.#isAnswered || this.#hasLeft) return false;
    let id = batch.firstId;
    for (const { notice, json } of batch.lines) {
      const bytes = Buffer.byteLength(json);
      // Asked for again: the first one is sent however big it is.
      const isFull = this.#bytes + bytes > this.#options.maxBufferedBytes;
      if (this.#answering !== undefined && isFull) return false;
      this.#bytes += bytes;
      if (notice !== undefined) {
        this.#events.push(json);
        continue;
      }
      this.#events.push(withId(id, json));
      this.#next = id;
      id += 1;
      // Notices alone are no answer: a client that asks again with the same cursor gets them again.
      this.#answering ??= setImmediate(() => this.#answer());
    }
    this.#isOver = batch.isLast;
    return true;
  }

  #answer(): void {
    if (this.#isAnswered || this.#hasLeft) return;
    this.#isAnswered = true;
    this.#stop();
    const { streamId, requestId, slowConsumerTimeoutMs } = this.#options;
    // A client that does not read it would keep the connection.
    this.#timer = setTimeout(() => this.drop(), slowConsumerTimeoutMs);
    const events = this.#events.join(",");
    replyWithJsonText(
      this.#response,
      `{"events":[${events}],"next":${this.#next},"isOver":${this.#isOver}}`,
      { [streamIdHeader]: streamId, [requestIdHeader]: requestId },
    );
  }

  drop(): void {
    this.#response.destroy();
  }

  end(): Promise<void> {
    if (this.#hasLeft) return Promise.resolve();
    this.#answer();
    return new Promise((resolve) => {
      this.#onFinished = resolve;
    });
  }

  /** Answers that nothing comes any more. */
  endOver(): Promise<void> {
    this.#isOver = true;
    return this.end();
  }
}

/** The JSON of an event with its id. A field of the gateway's own of this name gets `gateway.` in front. */
function withId(id: number, json: string): string {
  const event = json.includes('"id":') ? parseObject(json) : undefined;
  if (event === undefined || !Object.hasOwn(event, "id")) return `{"id":${id},${json.slice(1)}`;
  const { id: own, ...others } = event;
  return JSON.stringify({ id, ...others, "gateway.id": own });
}
