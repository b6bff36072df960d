import type { CutFrame, DoneFrame, StartEvent } from "@gatestream/protocol";
import { RelayError, type LogBatch, type OutputFormat, type Reader } from "@gatestream/relay/parts";
import type { WebsocketConnection } from "./connection.ts";
import { createWebsocketFormat, refusalFrame } from "./frames.ts";

export interface WebsocketReaderOptions {
  /** What the page calls the stream. */
  readonly ref: string;
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  /** What may wait of this stream, as long as there are so many on the socket. */
  readonly shareBytes: () => number;
  /** How long the page may leave data unread. */
  readonly slowConsumerTimeoutMs: number;
  /** Nothing more will be sent for `ref`. */
  readonly onEnded: () => void;
}

const ignore = (): void => {};

/**
 * One of many streams on a socket. The socket's bytes leave in the order in which they were sent, so
 * each stream has a share of what may wait: one that has more of it waits for itself, and holds up the
 * others by no more than that.
 */
export class WebsocketReader implements Reader {
  readonly requestId: string;
  readonly expiresAt: number | undefined;
  hasLeft = false;
  readonly #connection: WebsocketConnection;
  readonly #options: WebsocketReaderOptions;
  readonly #format: OutputFormat;
  #waitingBytes = 0;
  #isOpened = false;
  #isOver = false;
  #slowTimer: NodeJS.Timeout | undefined;
  readonly #stopListening: () => void;
  /** Called when the page has all of it, or is gone. */
  #onEmpty: (() => void) | undefined;
  onLeft = ignore;
  onRoom = ignore;
  onSlow: (error: RelayError) => void = ignore;

  constructor(connection: WebsocketConnection, options: WebsocketReaderOptions) {
    this.requestId = options.requestId;
    this.expiresAt = options.expiresAt;
    this.#connection = connection;
    this.#options = options;
    this.#format = createWebsocketFormat(options.ref, options.requestId);
    this.#stopListening = connection.whenClosing(() => this.leave());
    if (connection.isClosing) this.leave();
  }

  refuse(error: RelayError): void {
    if (this.#isOver) return;
    // Too late for a refusal.
    if (this.#isOpened) {
      this.drop();
      return;
    }
    this.#connection.answer(refusalFrame(error, this.requestId, this.#options.ref));
    this.#finish();
  }

  open(start: StartEvent): void {
    this.#isOpened = true;
    this.#send(this.#format.begin(start));
  }

  write({ events, firstId }: LogBatch): boolean {
    if (this.#isOver) return true;
    this.#send(this.#format.encode(events, firstId));
    const hasRoom = this.#hasRoom;
    if (!hasRoom)
      this.#slowTimer ??= setTimeout(this.#onOverdue, this.#options.slowConsumerTimeoutMs);
    return hasRoom;
  }

  #send(text: string): void {
    if (this.#isOver || text === "") return;
    const bytes = Buffer.byteLength(text);
    this.#waitingBytes += bytes;
    this.#connection.send(text, () => {
      this.#waitingBytes -= bytes;
      if (this.#onEmpty !== undefined) {
        if (this.#waitingBytes === 0) this.#onEmpty();
      } else if (this.#slowTimer !== undefined && this.#hasRoom) {
        clearTimeout(this.#slowTimer);
        this.#slowTimer = undefined;
        this.onRoom();
      }
    });
  }

  get #hasRoom(): boolean {
    return this.#waitingBytes <= this.#options.shareBytes();
  }

  readonly #onOverdue = (): void => {
    const { shareBytes, slowConsumerTimeoutMs } = this.#options;
    this.#connection.giveUp();
    const message = `The client did not catch up within ${slowConsumerTimeoutMs} ms with more than ${shareBytes()} bytes.`;
    this.onSlow(new RelayError("slow_consumer", message));
  };

  drop(): void {
    if (this.#isOver) return;
    const { ref } = this.#options;
    this.#connection.answer(JSON.stringify({ type: "cut", ref } satisfies CutFrame));
    this.leave();
  }

  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#finish();
    if (this.#waitingBytes === 0 || this.#connection.isClosing) return;
    // The socket may close meanwhile.
    const stopListening = this.#connection.whenClosing(() => this.leave());
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      this.#slowTimer = setTimeout(() => {
        this.#connection.giveUp();
        resolve();
      }, this.#options.slowConsumerTimeoutMs);
    });
    clearTimeout(this.#slowTimer);
    stopListening();
  }

  /** Sends a `done` frame: the operation is complete. */
  done(): void {
    if (this.#isOver) return;
    const { ref } = this.#options;
    this.#connection.answer(JSON.stringify({ type: "done", ref } satisfies DoneFrame));
    this.#finish();
  }

  /** The page does not read it any more, or the socket is closing. */
  leave(): void {
    this.#onEmpty?.();
    if (this.#isOver) return;
    this.#finish();
    this.hasLeft = true;
    this.onLeft();
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#slowTimer);
    this.#stopListening();
    this.#options.onEnded();
  }
}
