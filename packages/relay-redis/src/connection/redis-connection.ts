import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { settingTable } from "@gatestream/relay/parts";
import { createClient, type RedisClientType } from "redis";

export interface RedisOptions {
  /** To connect and to be greeted, in milliseconds. @defaultValue 5000 */
  readonly connectTimeoutMs?: number;
  /**
   * How long the server may take to answer, in milliseconds; after that the connection is given up
   * and made anew. @defaultValue 2000
   */
  readonly commandTimeoutMs?: number;
  /** Called whenever a connection has been made. */
  readonly onReady?: () => void;
  /** Called with the reason why the server is away: once until it is back, however often that is tried. */
  readonly onLost?: (failure: Error) => void;
  /** A number from 0 up to 1. @defaultValue `Math.random` */
  readonly random?: () => number;
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
export function openRedis(url: string, options?: RedisOptions): RedisConnection {
  return new RedisConnection(url, options);
}

export interface Subscription {
  /** Resolves when messages are received, or the connection is away: its next one has the channel. */
  readonly started: Promise<void>;
  readonly end: () => void;
}

/** A connection that reconnects until it is closed. It emits `change` when it has been made or lost. */
export class RedisConnection extends EventEmitter<{ change: [] }> {
  readonly #url: string;
  readonly #options: RedisOptions;
  readonly #closing = new AbortController();
  readonly #over: Promise<void>;
  readonly #channels = new Map<string, (message: string) => void>();
  /** Of the present connection, which itself never reconnects. */
  #client: RedisClientType | undefined;
  /** Aborted with the reason why the present connection is over. */
  #ending = new AbortController();
  #isReady = false;
  #isKnownLost = false;
  #failure = new Error("Redis is not connected yet.");

  constructor(url: string, options: RedisOptions = {}) {
    super();
    this.setMaxListeners(0);
    // The URL is not repeated: it has the password in it.
    const { pattern, must } = settingTable.redisUrl;
    if (url === "" || !pattern.test(url)) throw new Error(`redisUrl must ${must}`);
    this.#url = url;
    this.#options = options;
    this.#over = this.#stayConnected();
  }

  /** Whether commands are taken now. */
  get isReady(): boolean {
    return this.#isReady && !this.#ending.signal.aborted;
  }

  /** Resolves when commands are taken, when the connection is closed, or after so many milliseconds. */
  async whenReady(timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!this.isReady && !signal.aborted && !this.#closing.signal.aborted) {
      await once(this, "change", { signal }).catch(() => {});
    }
  }

  /**
   * Sends commands: `run((client) => client.get("key"))`. Fails at once while there is no connection,
   * and after `commandTimeoutMs` without an answer; nothing is sent a second time. The client is that
   * of the present connection and must not be kept.
   *
   * @throws what Redis says of the command, or why there is no connection.
   */
  readonly run = async <Reply>(
    commands: (client: RedisClientType) => Promise<Reply>,
  ): Promise<Reply> => {
    if (this.#client === undefined || !this.#isReady) throw this.#failure;
    const ending = this.#ending;
    const { commandTimeoutMs = 2_000 } = this.#options;
    // The client's own time limit ends when a command has been sent, before the answer.
    const timer = endWhenOverdue(ending, "answer", commandTimeoutMs);
    try {
      return await commands(this.#client);
    } catch (rejection) {
      throw ending.signal.aborted ? ending.signal.reason : rejection;
    } finally {
      clearTimeout(timer);
    }
  };

  /** Receives the messages of a channel, also after a reconnect. */
  subscribe(channel: string, onMessage: (message: string) => void): Subscription {
    this.#channels.set(channel, onMessage);
    const answered = this.run((client) => client.subscribe(channel, this.#onMessage));
    return {
      // Where it fails the connection is lost: it is done with the next one.
      started: answered.catch(() => {}),
      end: () => {
        this.#channels.delete(channel);
        this.run((client) => client.unsubscribe(channel)).catch(() => {});
      },
    };
  }

  /**
   * Whether the server answers, once the first connection has been made or has failed.
   *
   * @throws why not, in words for the operator, without address and password.
   */
  async ping(): Promise<void> {
    const isTried = this.#isReady || this.#isKnownLost || this.#closing.signal.aborted;
    if (!isTried) await once(this, "change");
    await this.run((client) => client.ping());
  }

  /** Another connection to the same server, to be closed on its own. */
  duplicate(changes: RedisOptions = {}): RedisConnection {
    return new RedisConnection(this.#url, { ...this.#options, ...changes });
  }

  /** Ends the connection; commands that wait for an answer fail. Safe to call twice. */
  close(): Promise<void> {
    this.#failure = new Error("The connection to Redis has been closed.");
    this.#isReady = false;
    this.#closing.abort();
    this.#ending.abort(this.#failure);
    this.emit("change");
    return this.#over;
  }

  async #stayConnected(): Promise<void> {
    const { onLost, random = Math.random } = this.#options;
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries += 1) {
      this.#ending = new AbortController();
      this.#client = this.#connect(this.#ending);
      await once(this.#ending.signal, "abort");
      if (signal.aborted) return;
      if (!this.#isKnownLost) tries = 1;
      this.#isReady = false;
      this.#failure = this.#ending.signal.reason as Error;
      this.emit("change");
      if (!this.#isKnownLost) onLost?.(this.#failure);
      this.#isKnownLost = true;
      // Cut short by closing, which the loop sees.
      await sleep(reconnectDelayMs(tries, random), undefined, { signal }).catch(() => {});
    }
  }

  #connect(ending: AbortController): RedisClientType {
    const { connectTimeoutMs = 5_000 } = this.#options;
    const client: RedisClientType = createClient({
      url: this.#url,
      name: "gatestream",
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      socket: {
        connectTimeout: connectTimeoutMs,
        // The client's own reconnecting has no limit for a server that connects and does not greet.
        reconnectStrategy: false,
        // The client's `destroy` does not reach a socket that is still connecting.
        signal: ending.signal,
      },
    });
    const greeting = endWhenOverdue(ending, "greet", connectTimeoutMs);
    const end = (cause: unknown): void => ending.abort(away(cause));
    ending.signal.addEventListener("abort", () => {
      clearTimeout(greeting);
      client.destroy();
    });
    client.on("error", end);
    const connected = client.connect().then(async () => {
      if (ending.signal.aborted) return;
      // Channels that are asked for, or ended, from now on are so by commands of their own.
      this.#isReady = true;
      const channels = [...this.#channels.keys()];
      if (channels.length > 0) await client.subscribe(channels, this.#onMessage);
      if (ending.signal.aborted) return;
      clearTimeout(greeting);
      this.#isKnownLost = false;
      this.emit("change");
      this.#options.onReady?.();
    });
    connected.catch(end);
    return client;
  }

  readonly #onMessage = (message: string, channel: string): void => {
    this.#channels.get(channel)?.(message);
  };
}

/** A program that Redis runs as one step. */
export type Script = ReturnType<typeof defineScript>;

export function defineScript(source: string) {
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/** Runs a script, which is sent whole only when Redis does not know it: the first time, or after a restart. */
export function runScript(
  redis: RedisConnection,
  { source, sha1 }: Script,
  values: readonly (string | number)[],
): Promise<unknown> {
  const options = { arguments: values.map(String) };
  return redis.run(async (client): Promise<unknown> => {
    try {
      return await client.evalSha(sha1, options);
    } catch (failure) {
      if (!(failure instanceof Error && failure.message.startsWith("NOSCRIPT"))) throw failure;
      return client.eval(source, options);
    }
  });
}

function endWhenOverdue(ending: AbortController, verb: "greet" | "answer", ms: number) {
  return setTimeout(() => ending.abort(new Error(`Redis did not ${verb} within ${ms} ms.`)), ms);
}

/** A system's error by its code: its message names the address, or is empty. */
function away(cause: unknown): Error {
  const { code, message } = cause as Partial<NodeJS.ErrnoException>;
  return new Error(`Redis is away: ${code ?? message}`, { cause });
}
