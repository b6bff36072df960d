import { drainingError } from "../errors.ts";
import { within } from "../timers.ts";
import type { Readers } from "./readers.ts";

export interface StreamOptions {
  readonly streamId: string;
  /** Who may cancel it; empty where its id is all that is needed. */
  readonly owner: string;
  /** Whether another relay wrote it before: readers may have had more of it. @defaultValue false */
  readonly isContinued?: boolean;
  /** Its readers, where it goes on without them. */
  readonly readers?: Readers;
}

/** A stream that runs on this relay. */
export class Stream {
  readonly owner: string;
  readonly readers: Readers | undefined;
  readonly isContinued: boolean;
  /** What cuts each of its readers off. */
  #cutters: Set<() => void> | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #onEnd: ((reason: unknown) => void) | undefined;
  /** It is over. */
  readonly leave: () => void;

  constructor({ owner, isContinued = false, readers }: StreamOptions, onLeave: () => void) {
    this.owner = owner;
    this.isContinued = isContinued;
    this.readers = readers;
    this.leave = onLeave;
  }

  /** Ends it with `reason` where that is a `RelayError`, otherwise as cancelled. */
  end(reason?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    this.#onEnd?.(reason);
  }

  /** Sets what ends it; called at once where it was ended before. */
  whenEnded(onEnd: (reason: unknown) => void): void {
    this.#onEnd = onEnd;
    if (this.#ended !== undefined) onEnd(this.#ended.reason);
  }

  /** Adds a reader, which `cut` cuts off; the returned function removes it. */
  addReader(cut: () => void): () => void {
    const leave = this.readers?.join();
    const cutters = (this.#cutters ??= new Set());
    cutters.add(cut);
    return () => {
      if (cutters.delete(cut)) leave?.();
    };
  }

  /** Its log failed: its readers would wait for ever. */
  cutReaders(): void {
    for (const cut of this.#cutters ?? []) cut();
  }
}

/** How long streams may take to end once they are asked to. */
const endTimeoutMs = 3_000;
/** How long readers may take to receive the terminal event. */
const closeTimeoutMs = 1_000;

/** The streams that run here, so that they can be found, and so that a stop can wait for them. */
export type Streams = ReturnType<typeof createStreams>;

export function createStreams() {
  const running = new Map<string, Stream>();
  const drainListeners = new Set<() => void>();
  let visits = 0;
  let isDraining = false;
  let onLeave = (): void => {};

  /** Resolves when `isOver`, which may come true whenever a stream or reader leaves, or in time. */
  async function until(isOver: () => boolean, limitMs: number): Promise<void> {
    const over = new Promise<void>((resolve) => {
      onLeave = () => {
        if (isOver()) resolve();
      };
    });
    onLeave();
    await within(limitMs, over);
  }

  return {
    get isDraining(): boolean {
      return isDraining;
    },
    /** Calls `listener` once `drain` was called, or at once; the returned function removes it. */
    whenDraining(listener: () => void): () => void {
      if (isDraining) listener();
      else drainListeners.add(listener);
      return () => drainListeners.delete(listener);
    },
    /** @throws RelayError `relay_draining` once `drain` was called. */
    enter(options: StreamOptions): Stream {
      if (isDraining) throw drainingError();
      const { streamId } = options;
      const stream = new Stream(options, () => {
        running.delete(streamId);
        onLeave();
      });
      running.set(streamId, stream);
      return stream;
    },
    find: (streamId: string): Stream | undefined => running.get(streamId),
    /** Adds a reader that may resume elsewhere; the returned function, called once, removes it. */
    visit(): () => void {
      visits += 1;
      return () => {
        visits -= 1;
        onLeave();
      };
    },
    /**
     * Takes no more streams, lets those that run and their readers go on for `graceMs`, then ends the
     * streams, and lets readers receive the terminal event. It waits a few seconds at most for a
     * stream that does not end.
     */
    async drain(graceMs: number): Promise<void> {
      isDraining = true;
      for (const listener of drainListeners) listener();
      drainListeners.clear();
      await until(() => running.size === 0 && visits === 0, graceMs);
      for (const stream of running.values()) stream.end(drainingError());
      await until(() => running.size === 0, endTimeoutMs);
      await until(() => visits === 0, closeTimeoutMs);
    },
  };
}
