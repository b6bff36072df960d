import { isTerminal, type KnownEvent } from "@gatestream/protocol";
import { StreamError } from "../stream-error.ts";
import type { StartTarget, Transport } from "../transport/transport.ts";
import { nextStep, type Progress, type RetrySettings } from "./next-step.ts";
import { watchPage } from "./page-life.ts";

export interface FollowSettings {
  readonly retry: RetrySettings;
  readonly connectTimeoutMs: number | false;
  readonly idleTimeoutMs: "auto" | number | false;
}

/** How far an answer has come: what is needed to resume it. */
export interface Position extends Progress {
  /** Empty before `start`. */
  streamId: string;
  /** The id of the last event that has come; 0 for none. */
  lastEventId: number;
  /** Whether the `start` of a first connection has come. */
  hasStarted: boolean;
  /** How many requests were sent. */
  attempts: number;
}

export interface FollowOptions {
  readonly transport: Transport;
  readonly settings: FollowSettings;
  /** Moved on with each event. */
  readonly position: Position;
  /** What starts the stream; undefined for one that was started before. */
  readonly start: StartTarget | undefined;
  /** The relay has accepted a request. */
  readonly onAccepted: (requestId: string | undefined) => void;
  /** Gets each event once, in order, and returns whether the stream has ended. */
  readonly onEvent: (event: KnownEvent) => boolean;
  /** The status while a lost connection is replaced. */
  readonly onLost: (status: "connecting" | "reconnecting" | "offline") => void;
  /** A connection failed; the next one follows after that time. */
  readonly onRetry: (failure: StreamError, waitMs: number) => void;
  /** There will be no further try. */
  readonly onGiveUp: (failure: StreamError) => void;
}

/** How late a relay's second heartbeat, or the timer of a page that is not suspended, may be. */
const slackMs = 1_000;

/** The longest time that a timer can hold. */
const maxTimerMs = 2 ** 31 - 1;

/** With `isCancelled` the stream ends at the relay too, although its id is not known yet. */
export type StopFollowing = (isCancelled?: boolean) => void;

/** Follows a stream over as many connections as it takes. The returned function ends it. */
export function follow({
  transport,
  settings: { retry, connectTimeoutMs, idleTimeoutMs },
  position,
  start,
  onAccepted,
  onEvent,
  onLost,
  onRetry,
  onGiveUp,
}: FollowOptions): StopFollowing {
  let isStopped = false;
  /** Whether the relay may have started the stream although no event was received. */
  let mayHaveStarted = false;
  let isConnecting = false;
  /** Whether the connection was closed because the page is awake again: then the next one opens at once. */
  let skipDelay = false;
  /** The stream was cancelled without an id: it is only requested to cancel it at the relay. */
  let isEnding = false;
  // The relay's default, until `start` says.
  let heartbeatMs = 15_000;
  /** When the current connection delivered `start`. */
  let aliveSince: number | undefined;
  /** Since when there is neither a new event nor a lasting connection. */
  let lostAt: number | undefined;
  /** Ends the current connection, or the wait before the next one. */
  let endWaiting: (failure?: StreamError) => void = () => {};
  let onAwake = (): void => {};
  const stopWatching = watchPage((state) => {
    if (state === "awake") onAwake();
    // A page in the browser's cache would hold the relay, and so the gateway, for nobody.
    if (state === "left" && isConnecting) {
      endWaiting(new StreamError("truncated", "The page was left."));
    }
  });

  /** Handles an event of a connection; returns whether to stop reading. */
  function take(event: KnownEvent, id = 0): boolean {
    const nextId = position.lastEventId + 1;
    // A terminal event is never a duplicate: after its writer died, it may reuse an id.
    if (id > 0 && id < nextId && !isTerminal(event)) return false;
    if (id > nextId) throw lossOf(nextId, id - 1, "protocol");
    if (id === nextId) {
      position.lastEventId = id;
      position.retryCount = 0;
      position.wasUnauthorized = false;
      lostAt = undefined;
    }
    position.hasBegun = true;
    if (event.type === "start") {
      if (isEnding) {
        transport.cancel(event.streamId).catch(() => {});
        return true;
      }
      position.streamId = event.streamId;
      position.canResume = event.resumable;
      heartbeatMs = event.heartbeatMs || heartbeatMs;
      // Older relays do not send it.
      position.keptForMs = event.resumableForMs || position.keptForMs;
      aliveSince = Date.now();
      // Every connection begins with `start`.
      if (position.hasStarted) return false;
      position.hasStarted = true;
    }
    if (onEvent(event)) return true;
    if (event.type === "gap") {
      position.canResume = false;
      throw lossOf(event.from, event.to, "truncated");
    }
    if (event.type === "reconnect") {
      throw new StreamError("truncated", "The relay is going away.", {
        retryAfterMs: event.retryMs,
      });
    }
    return false;
  }

  /** One connection: why it ended; undefined when the stream has ended, or it was closed. */
  async function connect(): Promise<StreamError | undefined> {
    const connection = new AbortController();
    const { signal } = connection;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let limitMs = connectTimeoutMs;
    let lastLifeAt = Date.now();
    /** From when on silence counts against `limitMs`. */
    let silentSince = lastLifeAt;
    let whySilent = (): StreamError =>
      new StreamError("timeout", "The relay did not answer in time.");
    let wasExtended = false;
    /** The same as `signal.aborted`, which is slow to read for each token. */
    let isOver = false;
    const ended = new Promise<StreamError | undefined>((resolve) => {
      endWaiting = (failure) => {
        isOver = true;
        clearTimeout(timer);
        resolve(failure);
        connection.abort(failure);
      };
    });

    /** Checks for silence with one timer: a chunk only stores the time. */
    function checkIdle(): void {
      clearTimeout(timer);
      if (limitMs === false || isOver) return;
      const now = Date.now();
      const waitMs = Math.min(silentSince + limitMs - now, limitMs, maxTimerMs);
      if (waitMs <= 0) {
        endWaiting(whySilent());
        return;
      }
      timer = setTimeout(() => {
        // The whole page was suspended, and the bytes too.
        const isLate = Date.now() > now + waitMs + slackMs;
        // Once: in a hidden tab every timer is late.
        if (isLate && !wasExtended) silentSince = Date.now();
        wasExtended = isLate;
        checkIdle();
      }, waitMs);
    }

    position.attempts += 1;
    isConnecting = true;
    aliveSince = undefined;
    onAwake = () => {
      // Only if it can be resumed: the connection may be alive.
      const canSkip = position.canResume && retry.limit !== 0;
      if (!canSkip || Date.now() - lastLifeAt <= heartbeatMs) return;
      skipDelay = true;
      endWaiting();
    };
    checkIdle();
    const { streamId, lastEventId: after } = position;
    try {
      const target = start === undefined || position.hasBegun ? { streamId, after } : start;
      const read = transport.open(target, {
        signal,
        isUnwanted: () => isEnding && !mayHaveStarted,
        onActivity(requestId) {
          lastLifeAt = silentSince = Date.now();
          wasExtended = false;
          whySilent = () => new StreamError("stalled", "The relay has fallen silent.");
          if (requestId) onAccepted(requestId);
          const nextLimitMs = idleTimeoutMs === "auto" ? 2 * heartbeatMs + slackMs : idleTimeoutMs;
          if (nextLimitMs === limitMs) return;
          limitMs = nextLimitMs;
          checkIdle();
        },
        onEvent: (event, id) => {
          isStopped ||= !isOver && take(event, id);
          return isStopped || isOver;
        },
      });
      return await Promise.race([ended, read as Promise<undefined>]);
    } catch (failure) {
      return failure as StreamError;
    } finally {
      endWaiting();
      isConnecting = false;
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      const failure =
        (await connect()) ?? new StreamError("truncated", "The connection was closed.");
      if (isStopped) return;
      if (skipDelay) {
        // This was no failed try.
        skipDelay = false;
        onLost("reconnecting");
        continue;
      }
      const now = Date.now();
      // A connection must last: one that is always cut after `start` does not count.
      const hasLasted = aliveSince !== undefined && now - aliveSince > heartbeatMs;
      lostAt = hasLasted ? now : (lostAt ?? now);
      // A stream that is only requested to cancel it is not worth waiting for.
      const isOffline = !isEnding && globalThis.navigator?.onLine === false;
      const loss = { failure, lostForMs: now - lostAt, isOffline };
      const step = nextStep(position, loss, retry, Math.random());
      if (step === undefined) return onGiveUp(failure);
      const { waitMs, isOrdered } = step;
      const isWaitingForNetwork = waitMs === Infinity;
      if (!isWaitingForNetwork) position.retryCount += 1;
      position.wasUnauthorized ||= failure.code === "unauthorized";
      // A refusal of the relay has a status and a code of its own, and starts nothing.
      mayHaveStarted ||= failure.status === undefined || failure.code === "protocol";
      const status = position.hasBegun ? "reconnecting" : "connecting";
      onLost(isWaitingForNetwork ? "offline" : status);
      onRetry(failure, waitMs);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(waitMs, maxTimerMs));
        endWaiting = () => {
          clearTimeout(timer);
          resolve();
        };
        onAwake = isOrdered ? () => {} : () => endWaiting();
      });
      if (isWaitingForNetwork) {
        lostAt += Date.now() - now;
        onLost(status);
      }
      if (isStopped) return;
    }
  }

  void run().finally(stopWatching);
  return (isCancelled) => {
    // Requested again by the same key: only the response has the id.
    isEnding ||= isCancelled === true && (isConnecting || mayHaveStarted);
    isStopped = !isEnding;
    if (isStopped || !isConnecting) endWaiting();
  };
}

function lossOf(first: number, last: number, code: "protocol" | "truncated"): StreamError {
  return new StreamError(code, `The events ${first} to ${last} are lost.`);
}
