import { setTimeout as sleep } from "node:timers/promises";
import { isRedisUrl, redisUrlRule } from "@gatestream/relay/parts";
import { openSession, overdue, type RedisClient, type RedisSession } from "./redis-session.ts";

export interface RedisOptions {
  /** To connect and to be greeted, in milliseconds. @defaultValue 5000 */
  readonly connectTimeoutMs?: number;
  /**
   * How long the server may take to answer, in milliseconds; after that the connection is given up
   * and made anew. For commands that block: longer than they do. @defaultValue 2000
   */
  readonly commandTimeoutMs?: number;
  /** Called whenever a connection has been made. */
  readonly onReady?: () => void;
  /** Called with the reason why the server is away: once until it is back, however often that is tried. */
  readonly onLost?: (failure: Error) => void;
  /** A number from 0 up to 1. @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** A connection that reconnects until it is closed. */
export interface RedisConnection {
  /** Whether commands are taken now. */
  readonly isReady: boolean;
  /** Resolves when commands are taken, when `signal` is aborted, or when the connection is closed. */
  whenReady(signal: AbortSignal): Promise<void>;
  /**
   * Sends commands: `run((client) => client.get("key"))`. Fails at once while there is no connection,
   * and after `commandTimeoutMs` without an answer; nothing is sent a second time. The client is that
   * of the present connection and must not be kept.
   *
   * @throws what Redis says of the command, or why there is no connection.
   */
  run<Reply>(commands: (client: RedisClient) => Promise<Reply>): Promise<Reply>;
  /**
   * Whether the server answers, once the first connection has been made or has failed.
   *
   * @throws why not, in words for the operator, without address and password.
   */
  ping(): Promise<void>;
  /** Another connection to the same server, to be closed on its own: for commands that block. */
  duplicate(changes?: RedisOptions): RedisConnection;
  /** Ends the connection; commands that wait for an answer fail. Safe to call twice. */
  close(): Promise<void>;
}

const firstWaitMs = 100;
const longestWaitMs = 2_000;

/**
 * How long to wait after the failed try number `tries`, in milliseconds: doubled with each up to two
 * seconds, of which chance takes off up to a half, so that relays do not reconnect together.
 */
export function reconnectDelayMs(tries: number, random: () => number): number {
  const capMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
  return Math.round((capMs * (1 + random())) / 2);
}

/**
 * Connects in the background.
 *
 * @throws Error when `url` is no URL of a Redis server.
 */
export function openRedis(url: string, options: RedisOptions = {}): RedisConnection {
  const { connectTimeoutMs = 5_000, commandTimeoutMs = 2_000, random = Math.random } = options;
  // The URL is not repeated: it has the password in it.
  if (!isRedisUrl(url)) throw new Error(`redisUrl must ${redisUrlRule}`);
  const closing = new AbortController();
  let session: RedisSession | undefined;
  let failure = new Error("Redis is not connected yet.");
  let isKnownLost = false;
  let resolveTried: () => void = () => {};
  const tried = new Promise<void>((resolve) => {
    resolveTried = resolve;
  });

  const readyListeners = new Set<() => void>();

  function onReady(): void {
    isKnownLost = false;
    resolveTried();
    for (const listener of readyListeners) listener();
    options.onReady?.();
  }

  function onLost(reason: Error): void {
    failure = reason;
    resolveTried();
    if (isKnownLost) return;
    isKnownLost = true;
    options.onLost?.(reason);
  }

  async function stayConnected(): Promise<void> {
    let tries = 0;
    while (!closing.signal.aborted) {
      session = openSession({
        url,
        connectTimeoutMs,
        onReady: () => {
          tries = 0;
          onReady();
        },
      });
      const reason = await session.ended;
      if (closing.signal.aborted) return;
      onLost(reason);
      tries += 1;
      const { signal } = closing;
      // Cut short by closing, which the loop sees.
      await sleep(reconnectDelayMs(tries, random), undefined, { signal }).catch(() => {});
    }
  }

  const over = stayConnected();

  async function run<Reply>(commands: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    const current = session;
    if (!current?.isReady) throw current?.ending ?? failure;
    // The client's own time limit ends when a command has been sent, before the answer.
    const timer = setTimeout(
      () => current.end(overdue("answer", commandTimeoutMs)),
      commandTimeoutMs,
    );
    try {
      return await commands(current.client);
    } catch (rejection) {
      throw current.ending ?? rejection;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get isReady() {
      return session?.isReady ?? false;
    },
    whenReady(signal) {
      const isOver = session?.isReady || signal.aborted || closing.signal.aborted;
      if (isOver) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          readyListeners.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        readyListeners.add(end);
        signal.addEventListener("abort", end);
      });
    },
    run,
    async ping() {
      await tried;
      await run((client) => client.ping());
    },
    duplicate: (changes = {}) => openRedis(url, { ...options, ...changes }),
    close() {
      failure = new Error("The connection to Redis has been closed.");
      closing.abort();
      session?.end(failure);
      resolveTried();
      for (const listener of readyListeners) listener();
      return over;
    },
  };
}
