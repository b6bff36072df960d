import type { ErrorCode } from "@gatestream/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import { RelayError, type RelayErrorOptions, isRelayError } from "../errors.ts";

const baseDelayMs = 250;
const maxDelayMs = 8_000;

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

/**
 * How long to wait after the failed try number `attempt`, in milliseconds: full jitter under an
 * exponential cap, on top of the wait that the other side asked for, so that relays with
 * the same wait do not retry together.
 */
export function retryDelayMs(attempt: number, statedWaitMs: number, random: () => number): number {
  const capMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
  return Math.round(statedWaitMs + random() * capMs);
}

/** One try: which it is, 1 the first, and how long it may wait for leave to begin. */
export type Attempt<Answer> = (number: number, withinMs: number) => Promise<Answer>;

/**
 * Runs `attempt` until it answers, as long as it fails with a {@link TransientError} and tries and
 * time are left. The last such failure is thrown as it is, also when a further try gets no slot
 * before the deadline; the signal's reason when aborted.
 */
export async function openUpstream<Answer>(
  attempt: Attempt<Answer>,
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
        throw last !== undefined && isOverloaded(failure) ? last : failure;
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

function isOverloaded(failure: unknown): boolean {
  return isRelayError(failure) && failure.code === "overloaded";
}

export interface TransientErrorOptions extends RelayErrorOptions {
  /** Whether the other side may have taken the request all the same. @defaultValue false */
  readonly isUnanswered?: boolean;
}

/** A failure before the first byte of an answer that may pass. */
export class TransientError extends RelayError {
  override readonly name = "TransientError";
  /** The request was sent whole, or a proxy passed it on: asking again may be a second order. */
  readonly isUnanswered: boolean;

  constructor(code: ErrorCode, message: string, options: TransientErrorOptions = {}) {
    super(code, message, options);
    this.isUnanswered = options.isUnanswered ?? false;
  }
}
