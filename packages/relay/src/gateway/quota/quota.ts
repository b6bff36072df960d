import { RelayError } from "../../errors.ts";
import { createFairQueue, type FairQueue, type Queued } from "./fair-queue.ts";
import { createPauses } from "./pauses.ts";
import { createRateWindow } from "./rate-window.ts";

export interface QuotaSettings {
  /** What may be sent to the upstream in any minute. */
  readonly requestsPerMinute: number;
  /** Answers that may run at once. */
  readonly maxConcurrentStreams: number;
  /** Streams that may wait for their turn. */
  readonly maxQueued: number;
  /** Bytes of the conversations that wait or are being sent. */
  readonly maxQueuedBytes: number;
  /** How long each may wait, in milliseconds. */
  readonly queueTimeoutMs: number;
}

/** One stream with a request to the upstream. */
export interface QueueEntry {
  /** Whose turn it is: subjects are served in turns. */
  readonly subject: string;
  readonly configurationId: string;
  /** The size of its conversation. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Receives the position in the queue: 1 is next, 0 is its turn. Others' leaving is reported once a second. */
  readonly onPosition: (position: number) => void;
}

/** A stream that may run. */
export interface Permit {
  /**
   * Waits for leave to send one request, which counts from then on. Those who have a permit come
   * before those who wait for one.
   *
   * @throws RelayError `overloaded` after `queueTimeoutMs` or `withinMs`, `relay_draining` when
   * closed; the signal's reason when aborted.
   */
  turn(withinMs?: number): Promise<void>;
  /** The upstream answered, or could not be asked: it does not refuse the configuration. */
  answered(): void;
  /** The upstream wants nothing of this configuration for so long. */
  refused(ms: number): void;
  /** The conversation is not kept any more. */
  bodySent(): void;
  /** Gives the permit back. */
  release(): void;
}

/** Keeps what the relay sends inside the upstream's limits. */
export interface Quota {
  /**
   * @throws RelayError `overloaded` when the queue is full, or after `queueTimeoutMs` in it,
   * `relay_draining` when closed; the signal's reason when aborted.
   */
  acquire(entry: QueueEntry): Promise<Permit>;
  /** The upstream accepts no request for this long. */
  pause(ms: number): void;
  /** Admits no more requests: pending ones are refused with `relay_draining`. */
  close(): void;
}

/** What is counted of a stream that may run. */
type Wanted = Pick<QueueEntry, "configurationId" | "bytes">;

interface Waiter extends Queued {
  readonly configurationId: string;
  readonly onPosition: (position: number) => void;
  readonly grant: (isProbe: boolean) => void;
  readonly giveUp: (reason: unknown) => void;
  /** 0 until a limit is known. */
  position: number;
}

/** How often waiters get their new positions. */
const positionIntervalMs = 1_000;

export function createQuota(settings: QuotaSettings): Quota {
  const { requestsPerMinute, maxConcurrentStreams, maxQueued, maxQueuedBytes, queueTimeoutMs } =
    settings;
  const rate = createRateWindow({ requestsPerMinute });
  const pauses = createPauses();
  const newcomers = createFairQueue<Waiter>();
  const returning = createFairQueue<Waiter>();
  let running = 0;
  let sendingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let positionTimer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function serve(): void {
    grantAll();
    schedulePositions();
  }

  /** Grants everything that may be granted now, and runs again when the next grant is due. */
  function grantAll(): void {
    clearTimeout(timer);
    while (hasCandidates()) {
      const waitMs = rate.waitMs();
      if (waitMs > 0) {
        wakeIn(waitMs);
        return;
      }
      if (!grantNext()) {
        const pausedMs = pauses.waitMs();
        if (pausedMs !== undefined) wakeIn(pausedMs);
        return;
      }
    }
  }

  function hasCandidates(): boolean {
    if (isClosed) return false;
    return returning.length > 0 || (newcomers.length > 0 && running < maxConcurrentStreams);
  }

  function wakeIn(ms: number): void {
    timer = setTimeout(serve, Math.ceil(ms));
  }

  /** Running handshakes go first: half a handshake is useless. */
  function grantNext(): boolean {
    const isReady = ({ configurationId }: Waiter): boolean => pauses.isReady(configurationId);
    let waiter = returning.shift(isReady);
    if (waiter === undefined && running < maxConcurrentStreams) {
      waiter = newcomers.shift(isReady);
      if (waiter !== undefined) {
        waiter.grant(grantNow(waiter));
        return true;
      }
    }
    if (waiter === undefined) return false;
    rate.reserve();
    waiter.grant(pauses.begin(waiter.configurationId));
    return true;
  }

  /** All get their positions together: a queue changes with every request. */
  function schedulePositions(): void {
    if (isClosed || newcomers.length === 0) {
      clearTimeout(positionTimer);
      positionTimer = undefined;
    } else {
      positionTimer ??= setTimeout(notifyPositions, positionIntervalMs);
    }
  }

  function notifyPositions(): void {
    positionTimer = undefined;
    for (const [index, waiter] of newcomers.inOrder().entries()) {
      if (waiter.position !== index + 1) notify(waiter, index + 1);
    }
  }

  function notify(waiter: Waiter, position: number): void {
    waiter.position = position;
    waiter.onPosition(position);
  }

  /** Whether a newcomer need not wait: then it costs no place in the queue and no timer. */
  function canRunNow({ configurationId, bytes }: Wanted): boolean {
    return (
      running < maxConcurrentStreams &&
      newcomers.length + returning.length === 0 &&
      (sendingBytes === 0 || sendingBytes + bytes <= maxQueuedBytes) &&
      pauses.isReady(configurationId) &&
      rate.waitMs() <= 0
    );
  }

  /** True for a request that probes after a pause. */
  function grantNow({ configurationId, bytes }: Wanted): boolean {
    running += 1;
    sendingBytes += bytes;
    rate.reserve();
    return pauses.begin(configurationId);
  }

  /** Refuses the newest of the subject that has most in the queue, until the others fit. */
  function shed(what: "entries" | "bytes", subject: string): void {
    const isFull = (): boolean => {
      if (what === "entries") return newcomers.length > maxQueued;
      // One alone is taken, however large it is.
      const isAlone = newcomers.length === 1 && sendingBytes === 0;
      return newcomers.length > 0 && !isAlone && newcomers.bytes + sendingBytes > maxQueuedBytes;
    };
    while (isFull()) {
      const newest = newcomers.newestOfLargest(what, subject);
      newest?.giveUp(overloaded("Too many requests wait already."));
    }
  }

  /** True for a request that probes after a pause. */
  function waitIn(
    queue: FairQueue<Waiter>,
    entry: QueueEntry,
    withinMs = queueTimeoutMs,
  ): Promise<boolean> {
    const { signal, onPosition, ...queued } = entry;
    return new Promise((resolve, reject) => {
      let isWaiting = true;
      const settle = (): void => {
        isWaiting = false;
        clearTimeout(limit);
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => waiter.giveUp(signal.reason);
      const limitMs = Math.max(0, Math.min(withinMs, queueTimeoutMs));
      const limit = setTimeout(
        () =>
          waiter.giveUp(overloaded(`The request waited longer than ${Math.round(limitMs)} ms.`)),
        limitMs,
      );
      const waiter: Waiter = {
        ...queued,
        onPosition,
        position: 0,
        giveUp(reason) {
          settle();
          queue.remove(waiter);
          // An empty queue needs no timer.
          if (newcomers.length + returning.length === 0) clearTimeout(timer);
          schedulePositions();
          reject(reason);
        },
        grant(isProbe) {
          settle();
          if (waiter.position > 0) onPosition(0);
          resolve(isProbe);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.push(waiter);
      shed("bytes", waiter.subject);
      grantAll();
      shed("entries", waiter.subject);
      if (isWaiting && queue === newcomers) {
        notify(waiter, newcomers.positionOfNewest(waiter.subject));
      }
      schedulePositions();
    });
  }

  function overloaded(message: string): RelayError {
    const queueMs = (newcomers.length * 60_000) / requestsPerMinute;
    const retryAfterMs = Math.ceil(Math.max(rate.waitMs(), queueMs, 1_000));
    return new RelayError("overloaded", message, { retryAfterMs });
  }

  return {
    async acquire(entry) {
      entry.signal.throwIfAborted();
      if (isClosed) throw draining();
      return createPermit(
        entry,
        canRunNow(entry) ? grantNow(entry) : await waitIn(newcomers, entry),
      );
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

  function createPermit(
    { subject, configurationId, bytes, signal }: QueueEntry,
    isFirstProbe: boolean,
  ): Permit {
    // It came with a slot for its first request.
    let hasRoom = true;
    let isReleased = false;
    let isProbe = isFirstProbe;
    let keptBytes = bytes;

    const entry = { subject, configurationId, bytes: 0, signal, onPosition: () => {} };

    function bodySent(): void {
      sendingBytes -= keptBytes;
      keptBytes = 0;
    }

    function answered(): void {
      if (!isProbe) return;
      isProbe = false;
      pauses.end(configurationId);
      serve();
    }

    return {
      async turn(withinMs) {
        if (!hasRoom) isProbe = await waitIn(returning, entry, withinMs);
        hasRoom = false;
        // Not when the slot was granted: getting an access token in between may have taken long.
        rate.send();
      },
      answered,
      refused(ms) {
        isProbe = false;
        pauses.pause(configurationId, ms);
        serve();
      },
      bodySent,
      release() {
        if (isReleased) return;
        isReleased = true;
        running -= 1;
        bodySent();
        if (hasRoom) rate.release();
        if (isProbe) pauses.giveUpProbe(configurationId);
        serve();
      },
    };
  }
}

function draining(): RelayError {
  return new RelayError("relay_draining", "This relay is shutting down.");
}
