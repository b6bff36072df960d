import { isTerminal, type KnownEvent } from "@gatestream/protocol";
import { openConnection } from "./connection.ts";
import { nextStep, type NextConnection, type RetrySettings } from "./next-step.ts";
import { watchPage } from "./page-life.ts";
import { StreamError } from "../stream-error.ts";
import type { StartTarget, Transport } from "../transport/transport.ts";

export interface FollowSettings {
  readonly retry: RetrySettings;
  readonly connectTimeoutMs: number | false;
  readonly idleTimeoutMs: "auto" | number | false;
}

/** Where a stream is: all that is needed to come back to it. */
export interface Place {
  /** Empty until the relay has told it. */
  streamId: string;
  /** The id of the last event that has come; 0 for none. */
  lastEventId: number;
  /** Whether the relay keeps the stream for those who come back. */
  canResume: boolean;
  /** How many requests were sent. */
  attempts: number;
}

export interface FollowOptions {
  readonly transport: Transport;
  readonly settings: FollowSettings;
  /** Moved on with each event. */
  readonly place: Place;
  /** What starts the stream; undefined for one that was started before. */
  readonly start: StartTarget | undefined;
  /** Gets each event once, in order, and answers whether the stream has ended. */
  readonly onEvent: (event: KnownEvent) => boolean;
  /** The connection is lost, and the stream is going to be resumed. */
  readonly onReconnecting: () => void;
  /** There is nothing more to try. */
  readonly onGiveUp: (failure: StreamError) => void;
}

/** How long a relay keeps an answer without a reader, where it does not say. */
const defaultKeptForMs = 300_000;

/** How late a relay's second heartbeat may be. */
const slackMs = 1_000;

/** `isCancelled` says that the stream is to end at the relay too, and its id is not known here yet. */
export type StopFollowing = (isCancelled?: boolean) => void;

/** Follows a stream over as many connections as it takes. The returned function ends it. */
export function follow(options: FollowOptions): StopFollowing {
  const { transport, settings, place, start, onEvent, onReconnecting, onGiveUp } = options;
  const { retry, connectTimeoutMs, idleTimeoutMs } = settings;
  let isStopped = false;
  let hasBegun = start === undefined;
  let hasStarted = false;
  let retryCount = 0;
  let wasUnauthorized = false;
  /** Whether the relay may have started the stream although nothing has come of it. */
  let mayHaveStarted = false;
  let isConnecting = false;
  /** The stream was cancelled without an id: it is asked for only to end it at the relay. */
  let isEnding = false;
  /** Whether the connection was ended because somebody looks at the page again. */
  let isHurried = false;
  // The relay's own default, until it has told.
  let heartbeatMs = 15_000;
  let keptForMs = defaultKeptForMs;
  /** When the current connection began to deliver. */
  let aliveSince: number | undefined;
  /** Since when there was neither a new event nor a connection that lasted. */
  let lostAt: number | undefined;
  /** Ends what is being waited for: a connection, or the time until the next one. */
  let endWaiting = (): void => {};
  let onAwake = (): void => {};
  let onLeft = (): void => {};
  const stopWatching = watchPage({ onAwake: () => onAwake(), onLeft: () => onLeft() });

  /** Takes an event of a connection; answers whether to stop reading. */
  function take(event: KnownEvent, id = 0): boolean {
    const nextId = place.lastEventId + 1;
    // What ends a stream is never old: when its writer died, it may be numbered anew.
    if (id > 0 && id < nextId && !isTerminal(event)) return false;
    if (id > nextId) throw new StreamError("protocol", lossOf(nextId, id - 1));
    if (id === nextId) {
      place.lastEventId = id;
      retryCount = 0;
      lostAt = undefined;
      wasUnauthorized = false;
    }
    hasBegun = true;
    if (event.type === "start") {
      if (isEnding) {
        transport.cancel(event.streamId).catch(() => {});
        return true;
      }
      place.streamId = event.streamId;
      place.canResume = event.resumable;
      heartbeatMs = event.heartbeatMs || heartbeatMs;
      // Older relays do not tell it.
      keptForMs = event.resumableForMs || keptForMs;
      aliveSince = Date.now();
      // Every connection begins with one.
      if (hasStarted) return false;
      hasStarted = true;
    }
    if (onEvent(event)) return true;
    if (event.type === "gap") {
      place.canResume = false;
      throw new StreamError("truncated", lossOf(event.from, event.to));
    }
    if (event.type === "reconnect") {
      const { retryMs: retryAfterMs } = event;
      throw new StreamError("truncated", "The relay is going away.", { retryAfterMs });
    }
    return false;
  }

  /** One connection: why it ended, or nothing when the stream has. */
  function connect(): Promise<StreamError | undefined> {
    place.attempts += 1;
    isConnecting = true;
    const { streamId, lastEventId: after } = place;
    const target = start === undefined || hasBegun ? { streamId, after } : start;
    const connection = openConnection(transport, target, {
      onEvent: take,
      isUnwanted: () => isEnding && !mayHaveStarted,
      connectTimeoutMs,
      idleTimeoutMs: () => (idleTimeoutMs === "auto" ? 2 * heartbeatMs + slackMs : idleTimeoutMs),
    });
    aliveSince = undefined;
    endWaiting = () => connection.end();
    onAwake = () => {
      // Only where it can be resumed: the stream may well be alive.
      isHurried = place.canResume && retry.limit !== 0 && connection.endIfSilentFor(heartbeatMs);
    };
    // A page in the browser's cache would hold the relay, and so the gateway, for nobody.
    onLeft = () => connection.end(new StreamError("truncated", "The page was left."));
    return connection.ended;
  }

  function wait({ waitMs, isOrdered }: NextConnection): Promise<void> {
    return new Promise((resolve) => {
      const timer = waitMs === Infinity ? undefined : setTimeout(resolve, waitMs);
      isConnecting = false;
      endWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
      onAwake = isOrdered ? () => {} : () => endWaiting();
    });
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      const failure = await connect();
      if (isStopped || failure === undefined) return;
      if (isHurried) {
        // Not a failed try.
        isHurried = false;
        onReconnecting();
        continue;
      }
      const now = Date.now();
      // A connection that only ever begins does not count: it may be cut for ever.
      const hasLasted = aliveSince !== undefined && now - aliveSince > heartbeatMs;
      lostAt = hasLasted ? now : (lostAt ?? now);
      // What is only to be ended is not worth waiting for: it would be started anew.
      const isOffline = !isEnding && globalThis.navigator?.onLine === false;
      const step = nextStep(
        {
          hasBegun,
          canResume: place.canResume,
          retryCount,
          wasUnauthorized,
          lostForMs: now - lostAt,
          keptForMs,
          isOffline,
        },
        failure,
        retry,
        Math.random(),
      );
      if (step.type === "give up") return onGiveUp(failure);
      if (step.waitMs < Infinity) retryCount += 1;
      wasUnauthorized ||= failure.code === "unauthorized";
      // What the relay itself refuses has a status and a code of its own; it starts nothing.
      mayHaveStarted ||= failure.status === undefined || failure.code === "protocol";
      if (step.type === "resume") onReconnecting();
      await wait(step);
      if (step.waitMs === Infinity) lostAt += Date.now() - now;
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

function lossOf(first: number, last: number): string {
  return `The events ${first} to ${last} are lost.`;
}
