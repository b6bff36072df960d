import { RelayError } from "../../errors.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createRateWindow } from "./rate-window.ts";

export interface QuotaSettings {
  /** What may be sent to the upstream in any minute. */
  readonly requestsPerMinute: number;
  /** Answers that may run at once. */
  readonly maxConcurrentStreams: number;
  /** Streams that may wait for their turn. */
  readonly maxQueued: number;
  /** How long each may wait, in milliseconds. */
  readonly queueTimeoutMs: number;
}

export interface Visitor {
  /** Whose turn it is: subjects are served in turns. */
  readonly subject: string;
  readonly signal: AbortSignal;
  /** Hears the place in the queue whenever it changes: 1 is next, 0 is its turn. */
  readonly onPosition: (position: number) => void;
}

/** A stream's place among those that run. */
export interface Place {
  /**
   * Waits for leave to send one request, which counts from then on. Those who have a place come
   * before those who wait for one.
   *
   * @throws RelayError `overloaded` after `queueTimeoutMs` or `withinMs`, `relay_draining` when
   * closed; the signal's reason when aborted.
   */
  turn(withinMs?: number): Promise<void>;
  /** Gives the place back. */
  leave(): void;
}

/** Keeps what the relay sends inside the upstream's limits. */
export interface Quota {
  /**
   * @throws RelayError `overloaded` when the queue is full, or after `queueTimeoutMs` in it,
   * `relay_draining` when closed; the signal's reason when aborted.
   */
  enter(visitor: Visitor): Promise<Place>;
  /** The upstream wants nothing for this long. */
  pause(ms: number): void;
  /** Lets nobody in any more: who waits is refused with `relay_draining`. */
  close(): void;
}

interface Waiter {
  readonly onPosition: (position: number) => void;
  readonly grant: () => void;
  readonly giveUp: (reason: RelayError) => void;
  position: number;
}

export function createQuota(settings: QuotaSettings): Quota {
  const { requestsPerMinute, maxConcurrentStreams, maxQueued, queueTimeoutMs } = settings;
  const rate = createRateWindow({ requestsPerMinute });
  const newcomers = createFairQueue<Waiter>();
  const returning = createFairQueue<Waiter>();
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function serve(): void {
    grantAll();
    tellPositions();
  }

  /** Grants whatever may be granted now, and comes back when the next may. */
  function grantAll(): void {
    clearTimeout(timer);
    for (let queue = nextQueue(); queue !== undefined; queue = nextQueue()) {
      const waitMs = rate.waitMs();
      if (waitMs > 0) {
        timer = setTimeout(serve, Math.ceil(waitMs));
        break;
      }
      rate.reserve();
      if (queue === newcomers) running += 1;
      queue.shift()?.grant();
    }
  }

  /** Whose turn it is: those who run already go first, for nobody is helped by half a handshake. */
  function nextQueue(): FairQueue<Waiter> | undefined {
    if (isClosed) return undefined;
    if (returning.length > 0) return returning;
    return newcomers.length > 0 && running < maxConcurrentStreams ? newcomers : undefined;
  }

  function tellPositions(): void {
    if (isClosed) return;
    for (const [index, waiter] of newcomers.inOrder().entries()) {
      if (waiter.position === index + 1) continue;
      waiter.position = index + 1;
      waiter.onPosition(waiter.position);
    }
  }

  function waitIn(
    queue: FairQueue<Waiter>,
    visitor: Visitor,
    withinMs = queueTimeoutMs,
  ): Promise<void> {
    const { subject, signal, onPosition } = visitor;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(limit);
        signal.removeEventListener("abort", onAbort);
      };
      const giveUp = (reason: unknown): void => {
        settle();
        queue.remove(subject, waiter);
        serve();
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal.reason);
      const limitMs = Math.max(0, Math.min(withinMs, queueTimeoutMs));
      const limit = setTimeout(
        () => giveUp(overloaded(`The request waited longer than ${Math.round(limitMs)} ms.`)),
        limitMs,
      );
      const waiter: Waiter = {
        onPosition,
        position: 0,
        giveUp,
        grant() {
          settle();
          if (waiter.position > 0) onPosition(0);
          resolve();
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.push(subject, waiter);
      grantAll();
      // Only who may stay hears of a place.
      if (newcomers.length > maxQueued) giveUp(overloaded("Too many requests wait already."));
      else tellPositions();
    });
  }

  function overloaded(message: string): RelayError {
    const queueMs = (newcomers.length * 60_000) / requestsPerMinute;
    const retryAfterMs = Math.ceil(Math.max(rate.waitMs(), queueMs, 1_000));
    return new RelayError("overloaded", message, { retryAfterMs });
  }

  return {
    async enter(visitor) {
      visitor.signal.throwIfAborted();
      if (isClosed) throw draining();
      await waitIn(newcomers, visitor);
      // The place came with room for its first request.
      let hasRoom = true;
      let hasLeft = false;
      return {
        async turn(withinMs) {
          if (!hasRoom) await waitIn(returning, { ...visitor, onPosition: () => {} }, withinMs);
          hasRoom = false;
          // Not when there was room: getting an access token in between may have taken long.
          rate.send();
        },
        leave() {
          if (hasLeft) return;
          hasLeft = true;
          running -= 1;
          if (hasRoom) rate.release();
          serve();
        },
      };
    },
    pause(ms) {
      rate.pause(ms);
    },
    close() {
      isClosed = true;
      for (const waiter of [...returning.inOrder(), ...newcomers.inOrder()]) {
        waiter.giveUp(draining());
      }
      clearTimeout(timer);
    },
  };
}

function draining(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}
