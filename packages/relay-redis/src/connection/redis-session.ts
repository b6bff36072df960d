import { createClient, type RedisClientType } from "redis";

/** A client of node-redis; it speaks RESP 3, which Redis has from 6 on. */
export type RedisClient = RedisClientType;

/** One connection to a server, from its beginning to its end. */
export interface RedisSession {
  readonly client: RedisClient;
  /** Whether the server has greeted, and the end has not come yet. */
  readonly isReady: boolean;
  /** Settles when it is over: why. */
  readonly ended: Promise<Error>;
  /** Why it is over; undefined before. */
  readonly ending: Error | undefined;
  /** Ends it, connected or not; commands that wait for an answer fail. */
  end(reason: Error): void;
}

export interface SessionOptions {
  readonly url: string;
  /** To connect and to be greeted, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly onReady: () => void;
}

/** Opens a connection. It never reconnects. */
export function openSession(options: SessionOptions): RedisSession {
  const { url, connectTimeoutMs, onReady } = options;
  const severing = new AbortController();
  const client = createClient({
    url,
    name: "gatestream",
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: connectTimeoutMs,
      // A session never reconnects.
      reconnectStrategy: false,
      // The client's `destroy` does not reach a socket that is still connecting.
      signal: severing.signal,
    },
  });
  let isReady = false;
  let ending: Error | undefined;
  let tellEnd: (reason: Error) => void = () => {};
  const ended = new Promise<Error>((resolve) => {
    tellEnd = resolve;
  });

  function end(reason: Error): void {
    if (ending !== undefined) return;
    ending = reason;
    isReady = false;
    clearTimeout(greeting);
    client.destroy();
    severing.abort();
    tellEnd(reason);
  }

  // The client's own time limit ends when the socket is open, before the server has greeted.
  const greeting = setTimeout(() => end(overdue("greet", connectTimeoutMs)), connectTimeoutMs);
  client.on("error", (error: unknown) => end(away(error)));
  client.connect().then(
    () => {
      if (ending !== undefined) return;
      isReady = true;
      clearTimeout(greeting);
      onReady();
    },
    (error: unknown) => end(away(error)),
  );

  return {
    client,
    ended,
    end,
    get isReady() {
      return isReady;
    },
    get ending() {
      return ending;
    },
  };
}

/** The failure of a server that takes too long. */
export function overdue(verb: "greet" | "answer", ms: number): Error {
  return new Error(`Redis did not ${verb} within ${ms} ms.`);
}

/** A system's error by its code: its message names the address, or is empty. */
function away(cause: unknown): Error {
  const { code, message } = cause as Partial<NodeJS.ErrnoException>;
  return new Error(`Redis is away: ${code ?? message}`, { cause });
}
