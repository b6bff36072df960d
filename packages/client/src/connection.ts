import { StreamError } from "./stream-error.ts";
import type { Connection, FollowTarget, StartTarget, Transport } from "./transport/transport.ts";

/** One connection that is given up when it takes too long, or falls silent. */
export interface WatchedConnection {
  /** Resolves with why it ended; with nothing when it was not needed any more. */
  readonly ended: Promise<StreamError | undefined>;
  /** `failure` is what it is said to have ended with. */
  end(failure?: StreamError): void;
  /** Ends it as stalled when nothing has come for longer than that; whether it did. */
  endIfSilentFor(silenceMs: number): boolean;
}

export interface WatchOptions extends Pick<Connection, "onEvent"> {
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
  { onEvent, connectTimeoutMs, idleTimeoutMs }: WatchOptions,
): WatchedConnection {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastLifeAt = Date.now();
  let tell: (failure: StreamError | undefined) => void = () => {};
  const ended = new Promise<StreamError | undefined>((resolve) => {
    tell = resolve;
  });

  function end(failure?: StreamError): void {
    clearTimeout(timer);
    tell(failure);
    giveUp.abort();
  }

  function watch(limitMs: number | false, failure: () => StreamError): void {
    clearTimeout(timer);
    if (limitMs === false || signal.aborted) return;
    const waitMs = Math.min(limitMs, maxTimerMs);
    const dueAt = Date.now() + waitMs;
    timer = setTimeout(() => {
      if (Date.now() > dueAt + lateMs) watch(limitMs, failure);
      else end(failure());
    }, waitMs);
  }

  watch(connectTimeoutMs, () => new StreamError("timeout", "The relay did not answer in time."));
  transport
    .open(target, {
      signal,
      onLife() {
        lastLifeAt = Date.now();
        watch(idleTimeoutMs(), stalled);
      },
      onEvent: (event, id) => signal.aborted || onEvent(event, id),
    })
    .then(() => end(), end);
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

function stalled(): StreamError {
  return new StreamError("stalled", "The relay has fallen silent.");
}
