import { setTimeout as sleep } from "node:timers/promises";
import { RelayError } from "../errors.ts";
import type { Readers } from "./readers.ts";
import { AbandonedError } from "./produce.ts";

/** A stream that runs on this relay. */
export class Stream {
  readonly streamId: string;
  /** Who may cancel it; empty where its id is all that is needed. */
  readonly owner: string;
  /** Its readers, where it goes on without them. */
  readonly readers: Readers | undefined;
  /** What cuts each of its readers off. */
  readonly #cutters = new Set<() => void>();
  readonly #onLeave: () => void;
  #ended: { readonly reason: unknown } | undefined;
  #onEnd: ((reason: unknown) => void) | undefined;

  constructor({ streamId, owner, readers }: StreamOptions, onLeave: () => void) {
    this.streamId = streamId;
    this.owner = owner;
    this.readers = readers;
    this.#onLeave = onLeave;
  }

  /** Ends it with `reason` where that is a `RelayError`, otherwise as cancelled. */
  end(reason?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#onEnd?.(reason);
  }

  /** Ends the stream because it has no readers. */
  abandon(): void {
    this.end(new AbandonedError());
  }

  /** Sets what ends it; called at once where it was ended before. */
  whenEnded(onEnd: (reason: unknown) => void): void {
    this.#onEnd = onEnd;
    if (this.#ended !== undefined) onEnd(this.#ended.reason);
  }

  /** Its log failed: its readers would wait for ever. */
  cutReaders(): void {
    for (const cut of this.#cutters) cut();
  }

  /** Adds a reader; the returned function removes it. */
  addReader(cut: () => void): () => void {
    this.#cutters.add(cut);
    return () => this.#cutters.delete(cut);
  }

  /** It is over. */
  leave(): void {
    this.#onLeave();
  }
}

export interface StreamOptions {
  readonly streamId: string;
  readonly owner: string;
  readonly readers?: Readers;
}

/** The streams that run here, so that they can be found, and so that a stop can wait for them. */
export interface Streams {
  readonly isDraining: boolean;
  /** Calls `listener` once `drain` was called, or at once; the returned function removes it. */
  whenDraining(listener: () => void): () => void;
  /** @throws RelayError `relay_draining` once `drain` was called. */
  enter(options: StreamOptions): Stream;
  find(streamId: string): Stream | undefined;
  /** Adds a reader that may resume elsewhere; the returned function removes it. */
  visit(): () => void;
  /**
   * Takes no more streams, lets those that run and their readers go on for `graceMs`, then ends the
   * streams, and lets readers receive the terminal event. It waits a few seconds at most for a stream
   * that does not end.
   */
  drain(graceMs: number): Promise<void>;
}

/** How long streams may take to end once they are asked to. */
const endTimeoutMs = 3_000;
/** How long readers may take to receive the terminal event. */
const closeTimeoutMs = 1_000;

export function createStreams(): Streams {
  const running = new Map<string, Stream>();
  const visits = new Set<symbol>();
  const drainListeners = new Set<() => void>();
  let isDraining = false;
  let onLeave: () => void = () => {};

  /** Resolves when `isOver`, which may come true whenever a stream or reader leaves, or in time. */
  async function until(isOver: () => boolean, withinMs: number): Promise<void> {
    const limit = new AbortController();
    const over = new Promise<void>((resolve) => {
      onLeave = () => {
        if (isOver()) resolve();
      };
    });
    onLeave();
    await Promise.race([
      over.finally(() => limit.abort()),
      sleep(withinMs, undefined, { signal: limit.signal }).catch(() => {
        // It was over before.
      }),
    ]);
  }

  return {
    get isDraining() {
      return isDraining;
    },
    whenDraining(listener) {
      if (isDraining) listener();
      else drainListeners.add(listener);
      return () => drainListeners.delete(listener);
    },
    enter(options) {
      if (isDraining) throw drainingError();
      const { streamId } = options;
      const stream = new Stream(options, () => {
        running.delete(streamId);
        onLeave();
      });
      running.set(streamId, stream);
      return stream;
    },
    find: (streamId) => running.get(streamId),
    visit() {
      const visit = Symbol("visit");
      visits.add(visit);
      return () => {
        visits.delete(visit);
        onLeave();
      };
    },
    async drain(graceMs) {
      isDraining = true;
      for (const listener of drainListeners) listener();
      drainListeners.clear();
      await until(() => running.size === 0 && visits.size === 0, graceMs);
      for (const stream of running.values()) stream.end(drainingError());
      await until(() => running.size === 0, endTimeoutMs);
      await until(() => visits.size === 0, closeTimeoutMs);
    },
  };
}

/** What a request that comes too late is refused with. */
export function drainingError(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}
