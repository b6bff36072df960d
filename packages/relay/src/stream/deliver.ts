import type { StartEvent } from "@gatestream/protocol";
import type { Following, LogReader } from "../log/event-log.ts";
import { LogBatch } from "../log/log-batch.ts";
import type { Reader } from "./reader.ts";

/** How a delivery ended: with the terminal event, without it, or because the reader has left. */
export type DeliveryOutcome = "complete" | "cut" | "left";

/** The reader's side of a stream: from the head of the response to the terminal event. */
export class Delivery implements LogReader {
  readonly #reader: Reader;
  #liveAfter: number | undefined;
  #following: Following | undefined;
  #isComplete = false;
  #outcome: DeliveryOutcome | undefined;
  #isFlushing = false;
  #isOver = false;
  #resolve: (outcome: DeliveryOutcome) => void = () => {};
  #reject: (failure: unknown) => void = () => {};

  /** @param liveAfter For a reader that resumes: `live` comes after the event of this id. */
  constructor(reader: Reader, liveAfter?: number) {
    this.#reader = reader;
    this.#liveAfter = liveAfter;
  }

  /** Opens the response, and writes what `following` has; rejects when it fails. */
  run(following: Following, start: StartEvent, after: number): Promise<DeliveryOutcome> {
    this.#following = following;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#guard(() => {
        if (this.#reader.hasLeft) this.#outcome = "left";
        else this.#reader.open(start);
        if (this.#outcome !== undefined) {
          this.#settle(this.#outcome);
          return;
        }
        this.#showLive(after);
        this.#reader.onRoom = () => this.#guard(() => following.resume());
        following.resume();
      });
    });
  }

  /** A log or a format of the host's own may throw: that ends this delivery, and nothing else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (failure) {
      this.#fail(failure);
    }
  }

  write(batch: LogBatch): boolean {
    if (this.#isOver) return true;
    const hasRoom = this.#reader.write(batch);
    if (batch.isLast) this.#isComplete = true;
    else this.#showLive(batch.lastId);
    return hasRoom || this.#isFlushing;
  }

  #showLive(lastId: number): void {
    if (this.#liveAfter === undefined || lastId < this.#liveAfter) return;
    this.#liveAfter = undefined;
    this.#reader.write(new LogBatch(0, [{ type: "live" }]));
  }

  end(failure?: unknown): void {
    if (failure === undefined) this.#settle(this.#isComplete ? "complete" : "cut");
    else this.#fail(failure);
  }

  /** The reader has left. */
  leave(): void {
    this.#settle("left");
  }

  /** Ends it where it is. */
  cut(): void {
    this.#settle("cut");
  }

  /** Stops waiting for the reader: the rest is written at once. */
  flush(): void {
    this.#isFlushing = true;
    if (!this.#isOver) this.#guard(() => this.#following?.resume());
  }

  #fail(failure: unknown): void {
    this.#close();
    this.#reject(failure);
  }

  #settle(outcome: DeliveryOutcome): void {
    this.#outcome ??= outcome;
    this.#close();
    this.#resolve(this.#outcome);
  }

  #close(): void {
    this.#isOver = true;
    try {
      this.#following?.close();
    } catch {
      // Nobody reads it any more.
    }
  }
}
