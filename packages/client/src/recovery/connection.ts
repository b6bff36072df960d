import { StreamError } from "../stream-error.ts";
import type { Connection, FollowTarget, StartTarget, Transport } from "../transport/transport.ts";

/** One connection that is given up when it takes too long, or falls silent. */
export interface WatchedConnection {
  /** Resolves with why it ended; with nothing when it was not needed any more. */
  readonly ended: Promise<StreamError | undefined>;
  /** `failure` is what it is said to have ended with. */
  end(failure?: StreamError): void;
  /** Ends it as stalled when nothing has come for longer than that; whether it did. */
  endIfSilentFor(silenceMs: number): boolean;
}

export interface WatchOptions extends Pick<Connection, "onEvent" | "isUnwanted"> {
  readonly connectTimeoutMs: number | false;
  /** Asked whenever something has come: the relay tells its heartbeat on the way. */
  readonly idleTimeoutMs: () => number | false;
}

/** A timer that is later than this was held up with the whole page, and so were the bytes. */
const lateMs = 1_000;

/** The longest time that a timer can hold. */
const maxTimerMs = 2 ** 31 - 1;

export function openConnection(
  transport: Transport,
  target: StartTarget | FollowTarget,
  { onEvent, isUnwanted, connectTimeoutMs, idleTimeoutMs }: WatchOptions,
): WatchedConnection {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastLifeAt = Date.now();
  /** From when on silence counts against `limitMs`. */
  let silentSince = lastLifeAt;
  let limitMs: number | false = false;
  let whyGivenUp = unanswered;
  let wasForgiven = false;
  let isOver = false;
  let tell: (failure: StreamError | undefined) => void = () => {};
  const ended = new Promise<StreamError | undefined>((resolve) => {
    tell = resolve;
  });

  function end(failure?: StreamError): void {
    isOver = true;
    clearTimeout(timer);
    tell(failure);
    giveUp.abort();
  }

  /** One timer for a whole silence: what comes costs no more than a look at the clock. */
  function watch(nextLimitMs: number | false): void {
    if (nextLimitMs === limitMs) return;
    limitMs = nextLimitMs;
    clearTimeout(timer);
    look();
  }

  function look(): void {
    if (limitMs === false || isOver) return;
    const now = Date.now();
    const leftMs = Math.min(silentSince + limitMs - now, limitMs, maxTimerMs);
    if (leftMs <= 0) {
      end(whyGivenUp());
      return;
    }
    timer = setTimeout(() => {
      const isLate = Date.now() > now + leftMs + lateMs;
      // Once: in a hidden tab every timer is late.
      if (isLate && !wasForgiven) silentSince = Date.now();
      wasForgiven = isLate;
      look();
    }, leftMs);
  }

  watch(connectTimeoutMs);
  transport
    .open(target, {
      signal,
      isUnwanted,
      onLife() {
        lastLifeAt = Date.now();
        silentSince = lastLifeAt;
        wasForgiven = false;
        whyGivenUp = stalled;
        watch(idleTimeoutMs());
      },
      onEvent: (event, id) => isOver || onEvent(event, id),
    })
    .then(
      () => end(),
      (failure: StreamError) => end(failure),
    );
  return {
    ended,
    end,
    endIfSilentFor(silenceMs) {
      const isSilent = Date.now() - lastLifeAt > silenceMs;
      if (isSilent) end(stalled());
      return isSilent;
    },
  };
}

function unanswered(): StreamError {
  return new StreamError("timeout", "The relay did not answer in time.");
}

function stalled(): StreamError {
  return new StreamError("stalled", "The relay has fallen silent.");
}
