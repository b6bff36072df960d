import type { ErrorCode } from "@gatestream/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import { RelayError, type RelayErrorOptions, isRelayError } from "../errors.ts";

export interface RetrySettings {
  /** How many tries at most, the first included. */
  readonly handshakeTries: number;
  /** No try begins later than this after the first, in milliseconds. */
  readonly handshakeDeadlineMs: number;
}

export interface RetryContext {
  readonly signal: AbortSignal;
  /** Called for every failed try; `waitMs` is absent for the last one. */
  readonly onFailure: (attempt: number, error: RelayError, waitMs?: number) => void;
  /** A number from 0 up to 1. @defaultValue `Math.random` */
  readonly random?: () => number;
  /** Milliseconds. @defaultValue `performance.now` */
  readonly now?: () => number;
}

/** A failure before the first byte of an answer that may pass. */
export class TransientError extends RelayError {
  override readonly name = "TransientError";
  /**
   * The other side may have taken the request all the same: it was sent whole, or a proxy passed it on.
   * Asking again may be a second order.
   */
  readonly isUnanswered: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: RelayErrorOptions & { readonly isUnanswered?: boolean } = {},
  ) {
    super(code, message, options);
    this.isUnanswered = options.isUnanswered ?? false;
  }
}

/**
 * Runs `attempt` until it answers, as long as it fails with a {@link TransientError} and tries and
 * time are left; it gets which try it is, and how long it may wait for leave to begin. The last such
 * failure is thrown as it is, also when a further try gets no slot before the deadline; the signal's
 * reason when aborted.
 */
export async function openUpstream<Answer>(
  attempt: (number: number, withinMs: number) => Promise<Answer>,
  settings: RetrySettings,
  context: RetryContext,
): Promise<Answer> {
  const { signal, onFailure, random = Math.random, now = () => performance.now() } = context;
  signal.throwIfAborted();
  const deadline = now() + settings.handshakeDeadlineMs;
  let last: TransientError | undefined;
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number, last === undefined ? Infinity : deadline - now());
    } catch (failure) {
      if (!(failure instanceof TransientError)) {
        const hasNoSlot = isRelayError(failure) && failure.code === "overloaded";
        throw hasNoSlot ? (last ?? failure) : failure;
      }
      last = failure;
      const waitMs = retryDelayMs(number, failure.retryAfterMs ?? 0, random);
      if (number >= settings.handshakeTries || now() + waitMs > deadline) {
        onFailure(number, failure);
        throw failure;
      }
      onFailure(number, failure, waitMs);
      // The sleep's own AbortError would hide why.
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/**
 * How long to wait after the failed try number `attempt`, in milliseconds: full jitter under an
 * exponential cap, on top of the wait that the other side asked for, so that relays with
 * the same wait do not retry together.
 */
export function retryDelayMs(attempt: number, statedWaitMs: number, random: () => number): number {
  const capMs = Math.min(8_000, 250 * 2 ** (attempt - 1));
  return Math.round(statedWaitMs + random() * capMs);
}
