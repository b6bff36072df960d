import { RelayError, drainingError } from "../../errors.ts";
import type { ProviderContext } from "../provider.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createRateWindow, maxPauseMs } from "./rate-window.ts";

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

/** One stream with a request to the upstream. */
export interface QueueEntry {
  /**
   * Whose turn it is: subjects are served in turns. Its signal is read when the stream has to wait; it
   * gets 1 as its position when it is next, and 0 when it is its turn. Others' leaving is reported once a
   * second.
   */
  readonly context: Pick<ProviderContext, "subject" | "signal" | "onPosition">;
  readonly configurationId: string;
  /** The size of its conversation. */
  readonly bytes: number;
}

interface Waiter extends QueueEntry {
  readonly subject: string;
  /** 0 until one is known. */
  position: number;
  grant(): void;
  giveUp(reason: unknown): void;
}

/** A configuration that the upstream wants nothing of for a while. */
interface Pause {
  readonly untilMs: number;
  /** The stream that probes after the pause: the others wait for what becomes of its request. */
  probe?: QueueEntry["context"];
}

/** How often waiters get their new positions. */
const positionIntervalMs = 1_000;

export type Quota = ReturnType<typeof createQuota>;

/** That of a stream that may run; it comes with a slot for one request. */
export interface Permit {
  /** Whether a request may be sent at once. */
  readonly hasSlot: boolean;
  /**
   * Waits for leave to send one request, which counts from then on. Those who have a permit come
   * before those who wait for one.
   *
   * @throws RelayError `overloaded` after `queueTimeoutMs` or `withinMs`, `relay_draining` when
   * closed; the signal's reason when aborted.
   */
  turn(withinMs?: number): Promise<void>;
  /** The conversation is not kept any more. */
  bodySent(): void;
  /** The upstream answered, or could not be asked: it does not refuse the configuration. */
  answered(): void;
  /** The upstream wants nothing of this configuration for so long, a minute at most. */
  refused(ms: number): void;
  /** Gives the permit back. */
  release(): void;
}

/**
 * Keeps what the relay sends inside the upstream's limits. The conversations that wait or are being
 * sent are `maxQueuedBytes` at most; one alone is always taken.
 */
export function createQuota(settings: QuotaSettings, maxQueuedBytes = 64 * 1024 * 1024) {
  const { requestsPerMinute, maxConcurrentStreams, maxQueued, queueTimeoutMs } = settings;
  const rate = createRateWindow(requestsPerMinute);
  const pauses = new Map<string, Pause>();
  const newcomers = createFairQueue<Waiter>();
  /** Those that have a permit, and want to send one more request. */
  const returning = createFairQueue<Waiter>();
  let running = 0;
  /** Of the conversations that wait or are being sent. */
  let heldBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let positionTimer: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** Grants everything that may be granted now, and runs again when the next grant is due. */
  function serve(): void {
    clearTimeout(timer);
    while (!isClosed && returning.length + newcomers.length > 0) {
      const waitMs = rate.waitMs();
      if (waitMs === 0 && grantNext()) continue;
      const dueInMs = waitMs || nextPauseEndMs();
      if (dueInMs !== undefined) timer = setTimeout(serve, Math.ceil(dueInMs));
      break;
    }
    if (newcomers.length > 0) {
      // All get their positions together: a queue changes with every request.
      positionTimer ??= setTimeout(notifyPositions, positionIntervalMs);
    } else {
      clearTimeout(positionTimer);
      positionTimer = undefined;
    }
  }

  function grantNext(): boolean {
    // Running handshakes go first: half a handshake is useless.
    const returner = returning.shift(isReady);
    const hasPlace = running < maxConcurrentStreams;
    const waiter = returner ?? (hasPlace ? newcomers.shift(isReady) : undefined);
    if (waiter === undefined) return false;
    reserve(waiter);
    waiter.grant();
    return true;
  }

  function reserve({ configurationId, context }: QueueEntry): void {
    rate.reserve();
    const pause = pauses.get(configurationId);
    if (pause !== undefined) pause.probe = context;
  }

  /** Whether a newcomer need not wait: then it costs no place in the queue. */
  function canRunNow(entry: QueueEntry): boolean {
    return (
      running < maxConcurrentStreams &&
      newcomers.length + returning.length === 0 &&
      (heldBytes === 0 || heldBytes + entry.bytes <= maxQueuedBytes) &&
      isReady(entry) &&
      rate.waitMs() === 0
    );
  }

  function isReady({ configurationId }: QueueEntry): boolean {
    const pause = pauses.get(configurationId);
    if (pause === undefined) return true;
    return pause.probe === undefined && performance.now() >= pause.untilMs;
  }

  function nextPauseEndMs(): number | undefined {
    const waits = Array.from(pauses.values(), ({ untilMs }) => untilMs - performance.now());
    const ahead = waits.filter((wait) => wait > 0);
    return ahead.length === 0 ? undefined : Math.min(...ahead);
  }

  function notifyPositions(): void {
    positionTimer = undefined;
    for (const [index, waiter] of newcomers.inOrder().entries()) {
      if (waiter.position !== index + 1) notify(waiter, index + 1);
    }
  }

  function notify(waiter: Waiter, position: number): void {
    waiter.position = position;
    waiter.context.onPosition(position);
  }

  /** Refuses the newest of the subject that has most in the queue, until the others fit. */
  function shed(what: "entries" | "bytes", subject: string): void {
    while (what === "entries" ? newcomers.length > maxQueued : isTooLarge()) {
      const newest = newcomers.newestOfLargest(what, subject);
      newest?.giveUp(overloaded("Too many requests wait already."));
    }
  }

  function isTooLarge(): boolean {
    if (heldBytes <= maxQueuedBytes || newcomers.length === 0) return false;
    // One alone is taken, however large it is.
    const [only] = newcomers.length === 1 ? newcomers.inOrder() : [];
    return heldBytes !== only?.bytes;
  }

  function waitIn(
    queue: FairQueue<Waiter>,
    entry: QueueEntry,
    withinMs = queueTimeoutMs,
  ): Promise<void> {
    const { context, bytes } = entry;
    const { signal, subject } = context;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      let isWaiting = true;
      const settle = (): void => {
        isWaiting = false;
        clearTimeout(limit);
        signal.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        ...entry,
        subject,
        position: 0,
        grant() {
          settle();
          if (queue === newcomers) running += 1;
          if (waiter.position > 0) context.onPosition(0);
          resolve();
        },
        giveUp(reason) {
          settle();
          queue.remove(waiter);
          heldBytes -= bytes;
          serve();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.giveUp(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const limitMs = Math.max(0, Math.min(withinMs, queueTimeoutMs));
      const limit = setTimeout(() => {
        waiter.giveUp(overloaded(`The request waited longer than ${Math.round(limitMs)} ms.`));
      }, limitMs);
      queue.push(waiter);
      heldBytes += bytes;
      shed("bytes", subject);
      serve();
      shed("entries", subject);
      if (isWaiting && queue === newcomers) {
        notify(waiter, newcomers.inOrder().indexOf(waiter) + 1);
      }
    });
  }

  function overloaded(message: string): RelayError {
    const queueMs = (newcomers.length * 60_000) / requestsPerMinute;
    const retryAfterMs = Math.ceil(Math.max(rate.waitMs(), queueMs, 1_000));
    return new RelayError("overloaded", message, { retryAfterMs });
  }

  class StreamPermit implements Permit {
    hasSlot = true;
    readonly #entry: QueueEntry;
    #isReleased = false;
    #keptBytes: number;

    constructor(entry: QueueEntry) {
      this.#entry = entry;
      this.#keptBytes = entry.bytes;
    }

    async turn(withinMs?: number): Promise<void> {
      if (!this.hasSlot) {
        this.#entry.context.signal.throwIfAborted();
        if (isClosed) throw drainingError();
        await waitIn(returning, { ...this.#entry, bytes: 0 }, withinMs);
      }
      this.hasSlot = false;
      // Not when the slot was granted: getting an access token in between may have taken long.
      rate.send();
    }

    bodySent(): void {
      heldBytes -= this.#keptBytes;
      this.#keptBytes = 0;
    }

    answered(): void {
      const { configurationId, context } = this.#entry;
      if (pauses.get(configurationId)?.probe !== context) return;
      pauses.delete(configurationId);
      serve();
    }

    refused(ms: number): void {
      const { configurationId } = this.#entry;
      const now = performance.now();
      for (const [other, { untilMs, probe }] of pauses) {
        // Not requested since.
        if (probe === undefined && untilMs + maxPauseMs < now) pauses.delete(other);
      }
      const untilMs = now + Math.min(ms, maxPauseMs);
      const before = pauses.get(configurationId)?.untilMs ?? untilMs;
      pauses.set(configurationId, { untilMs: Math.max(before, untilMs) });
      serve();
    }

    release(): void {
      if (this.#isReleased) return;
      const { configurationId, context } = this.#entry;
      this.#isReleased = true;
      running -= 1;
      this.bodySent();
      if (this.hasSlot) rate.release();
      const pause = pauses.get(configurationId);
      // Another may probe.
      if (pause?.probe === context) delete pause.probe;
      serve();
    }
  }

  return {
    /**
     * @throws RelayError `overloaded` when the queue is full, or after `queueTimeoutMs` in it,
     * `relay_draining` when closed; the signal's reason when aborted.
     */
    async acquire(entry: QueueEntry): Promise<Permit> {
      if (isClosed) throw drainingError();
      if (canRunNow(entry)) {
        running += 1;
        heldBytes += entry.bytes;
        reserve(entry);
      } else {
        await waitIn(newcomers, entry);
      }
      return new StreamPermit(entry);
    },
    /** The upstream accepts no request for this long. */
    pause(ms: number): void {
      rate.pause(ms);
    },
    /** Admits no more requests: pending ones are refused with `relay_draining`. */
    close(): void {
      isClosed = true;
      for (const waiter of [...returning.inOrder(), ...newcomers.inOrder()]) {
        waiter.giveUp(drainingError());
      }
      clearTimeout(timer);
    },
  };
}
