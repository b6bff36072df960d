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
  /** Empty until the relay has told it. */
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
  /** The relay has accepted a request, under this id. */
  readonly onAccepted: (requestId: string | undefined) => void;
  /** Gets each event once, in order, and answers whether the stream has ended. */
  readonly onEvent: (event: KnownEvent) => boolean;
  /** The connection is lost: what is done about it. */
  readonly onLost: (status: "connecting" | "reconnecting" | "offline") => void;
  /** It failed, and is tried again after that time. */
  readonly onRetry: (failure: StreamError, waitMs: number) => void;
  /** There is nothing more to try. */
  readonly onGiveUp: (failure: StreamError) => void;
}

/** How late a relay's second heartbeat may be, and a timer whose page was not held up. */
const slackMs = 1_000;

/** The longest time that a timer can hold. */
const maxTimerMs = 2 ** 31 - 1;

/** `isCancelled` says that the stream is to end at the relay too, and its id is not known here yet. */
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
  /** Whether the relay may have started the stream although nothing has come of it. */
  let mayHaveStarted = false;
  let isConnecting = false;
  /** Whether the connection was ended because somebody looks at the page again. */
  let isHurried = false;
  /** The stream was cancelled without an id: it is asked for only to end it at the relay. */
  let isEnding = false;
  // The relay's own default, until it has told.
  let heartbeatMs = 15_000;
  /** When the current connection began to deliver. */
  let aliveSince: number | undefined;
  /** Since when there was neither a new event nor a connection that lasted. */
  let lostAt: number | undefined;
  /** Ends what is being waited for: a connection, or the time until the next one. */
  let endWaiting: (failure?: StreamError) => void = () => {};
  let onAwake = (): void => {};
  const stopWatching = watchPage((state) => {
    if (state === "awake") onAwake();
    // A page in the browser's cache would hold the relay, and so the gateway, for nobody.
    if (state === "left" && isConnecting) {
      endWaiting(new StreamError("truncated", "The page was left."));
    }
  });

  /** Takes an event of a connection; answers whether to stop reading. */
  function take(event: KnownEvent, id = 0): boolean {
    const nextId = position.lastEventId + 1;
    // What ends a stream is never old: when its writer died, it may be numbered anew.
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
      // Older relays do not tell it.
      position.keptForMs = event.resumableForMs || position.keptForMs;
      aliveSince = Date.now();
      // Every connection begins with one.
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

  /** One connection: why it ended, or nothing when the stream has, or the wait for it. */
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
    let wasForgiven = false;
    /** As `signal.aborted`, which costs a page much when it is looked at for each token. */
    let isOver = false;
    const ended = new Promise<StreamError | undefined>((resolve) => {
      endWaiting = (failure) => {
        isOver = true;
        clearTimeout(timer);
        resolve(failure);
        connection.abort();
      };
    });

    /** One timer for a whole silence: what comes costs no more than a look at the clock. */
    function watch(): void {
      clearTimeout(timer);
      if (limitMs === false || isOver) return;
      const now = Date.now();
      const waitMs = Math.min(silentSince + limitMs - now, limitMs, maxTimerMs);
      if (waitMs <= 0) {
        endWaiting(whySilent());
        return;
      }
      timer = setTimeout(() => {
        // It was held up with the whole page, and so were the bytes.
        const isLate = Date.now() > now + waitMs + slackMs;
        // Once: in a hidden tab every timer is late.
        if (isLate && !wasForgiven) silentSince = Date.now();
        wasForgiven = isLate;
        watch();
      }, waitMs);
    }

    position.attempts += 1;
    isConnecting = true;
    aliveSince = undefined;
    onAwake = () => {
      // Only where it can be resumed: the stream may well be alive.
      const canHurry = position.canResume && retry.limit !== 0;
      if (!canHurry || Date.now() - lastLifeAt <= heartbeatMs) return;
      isHurried = true;
      endWaiting();
    };
    watch();
    const { streamId, lastEventId: after } = position;
    try {
      const target = start === undefined || position.hasBegun ? { streamId, after } : start;
      const read = transport.open(target, {
        signal,
        isUnwanted: () => isEnding && !mayHaveStarted,
        onLife(requestId) {
          lastLifeAt = silentSince = Date.now();
          wasForgiven = false;
          whySilent = () => new StreamError("stalled", "The relay has fallen silent.");
          if (requestId) onAccepted(requestId);
          const nextLimitMs = idleTimeoutMs === "auto" ? 2 * heartbeatMs + slackMs : idleTimeoutMs;
          if (nextLimitMs === limitMs) return;
          limitMs = nextLimitMs;
          watch();
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
      if (isHurried) {
        // Not a failed try.
        isHurried = false;
        onLost("reconnecting");
        continue;
      }
      const now = Date.now();
      // A connection that only ever begins does not count: it may be cut for ever.
      const hasLasted = aliveSince !== undefined && now - aliveSince > heartbeatMs;
      lostAt = hasLasted ? now : (lostAt ?? now);
      // What is only to be ended is not worth waiting for: it would be started anew.
      const isOffline = !isEnding && globalThis.navigator?.onLine === false;
      const loss = { failure, lostForMs: now - lostAt, isOffline };
      const step = nextStep(position, loss, retry, Math.random());
      if (step === undefined) return onGiveUp(failure);
      const { waitMs, isOrdered } = step;
      const isWaitingForNetwork = waitMs === Infinity;
      if (!isWaitingForNetwork) position.retryCount += 1;
      position.wasUnauthorized ||= failure.code === "unauthorized";
      // What the relay itself refuses has a status and a code of its own; it starts nothing.
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
    // By the same key: the relay tells the id only with its answer.
    isEnding ||= isCancelled === true && (isConnecting || mayHaveStarted);
    isStopped = !isEnding;
    if (isStopped || !isConnecting) endWaiting();
  };
}

function lossOf(first: number, last: number, code: "protocol" | "truncated"): StreamError {
  return new StreamError(code, `The events ${first} to ${last} are lost.`);
}
