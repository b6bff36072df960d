import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { RelayError } from "../errors.ts";
import type { Audience } from "./audience.ts";

/** What others may need to know of a stream that runs here. */
export interface StreamHandle {
  /** Who may cancel it; empty where its id is all that anybody needs. */
  readonly owner: string;
  /** Its readers, where it may go on without them. */
  readonly audience?: Audience;
}

/** A stream that runs. */
export interface RunningStream extends StreamHandle {
  /** Aborted when nobody wants it any more, or with the `RelayError` that ends it. */
  readonly signal: AbortSignal;
  /** Aborted when the log failed: its readers would wait for ever. */
  readonly broken: AbortSignal;
  /** Ends it with `reason` where that is a `RelayError`, otherwise as cancelled. */
  end(reason?: unknown): void;
  /** Ends it because nobody reads it. */
  abandon(): void;
  /** Its log failed: cuts its readers off. */
  break(): void;
  /** It is over. */
  leave(): void;
}

/** Why a stream was aborted that nobody had read for the grace. */
export class AbandonedError extends Error {
  override readonly name = "AbandonedError";

  constructor() {
    super("Nobody reads the stream.");
  }
}

/** The streams that run here, so that they can be found, and so that a stop can wait for them. */
export interface RunningStreams {
  /** Aborted once `drain` was called. */
  readonly draining: AbortSignal;
  /** @throws RelayError `relay_draining` once `drain` was called. */
  enter(streamId: string, handle: StreamHandle): RunningStream;
  find(streamId: string): RunningStream | undefined;
  /** Somebody reads who may come back; the returned function says that they have gone. */
  visit(): () => void;
  /**
   * Takes no more streams, lets those that run and those who read go on for `graceMs`, then ends the
   * streams, and lets readers receive the terminal event. It waits a few seconds at most for a stream
   * that does not end.
   */
  drain(graceMs: number): Promise<void>;
}

/** How long streams may take to end once they are told to. */
const endTimeoutMs = 3_000;
/** How long readers may take to receive the terminal event. */
const closeTimeoutMs = 1_000;

export function createRunningStreams(): RunningStreams {
  const running = new Map<string, RunningStream>();
  const visits = new Set<symbol>();
  const draining = new AbortController();
  // Every reader listens to it.
  setMaxListeners(0, draining.signal);
  let onLeave: () => void = () => {};

  /** Resolves when `isOver`, which may come true whenever somebody leaves, or after the time. */
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
    draining: draining.signal,
    enter(streamId, handle) {
      if (draining.signal.aborted) throw drainingError();
      const ending = new AbortController();
      const breaking = new AbortController();
      // Every reader listens to it.
      setMaxListeners(0, breaking.signal);
      const stream: RunningStream = {
        ...handle,
        signal: ending.signal,
        broken: breaking.signal,
        end: (reason) => ending.abort(reason),
        abandon: () => ending.abort(new AbandonedError()),
        break: () => breaking.abort(),
        leave() {
          running.delete(streamId);
          onLeave();
        },
      };
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
      draining.abort(drainingError());
      await until(() => running.size === 0 && visits.size === 0, graceMs);
      for (const stream of running.values()) stream.end(drainingError());
      await until(() => running.size === 0, endTimeoutMs);
      await until(() => visits.size === 0, closeTimeoutMs);
    },
  };
}

/** What whoever comes too late is told. */
export function drainingError(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}
