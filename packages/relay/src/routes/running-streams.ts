import { setTimeout as sleep } from "node:timers/promises";
import { RelayError } from "../errors.ts";

/** The streams that run now, so that a stop can wait for them and then end them. */
export interface RunningStreams {
  /** Whether `drain` was called. */
  readonly isDraining: boolean;
  /**
   * Runs `stream`, which ends with the signal's reason when the signal is aborted.
   *
   * @throws RelayError `relay_draining` once `drain` was called.
   */
  run(stream: (ending: AbortSignal) => Promise<void>): Promise<void>;
  /** Takes no more streams, lets those that run go on for `graceMs`, then ends them. */
  drain(graceMs: number): Promise<void>;
}

export function createRunningStreams(): RunningStreams {
  const running = new Map<AbortController, Promise<void>>();
  let isDraining = false;

  const allEnded = (): Promise<unknown> => Promise.allSettled(running.values());

  return {
    get isDraining() {
      return isDraining;
    },
    async run(stream) {
      if (isDraining) throw draining();
      const ending = new AbortController();
      const run = stream(ending.signal);
      running.set(ending, run);
      try {
        await run;
      } finally {
        running.delete(ending);
      }
    },
    async drain(graceMs) {
      isDraining = true;
      const grace = new AbortController();
      await Promise.race([
        allEnded().finally(() => grace.abort()),
        sleep(graceMs, undefined, { signal: grace.signal }).catch(() => {
          // All streams have ended before the grace.
        }),
      ]);
      for (const ending of running.keys()) ending.abort(draining());
      await allEnded();
    },
  };
}

function draining(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}
