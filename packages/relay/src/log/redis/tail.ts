import type { RedisConnection } from "../../redis/redis-connection.ts";
import { type EntryId, noEntry, type StoredEntry } from "./entry.ts";
import type { Mirror } from "./mirror.ts";
import { entriesAtOnce, type StreamStore } from "./stream-store.ts";

export interface TailOptions {
  /** Where commands go that must not wait. */
  readonly redis: RedisConnection;
  readonly store: StreamStore;
  readonly relayId: string;
  /** The longest silence of one read, in milliseconds. */
  readonly blockMs: number;
  /** Another relay has something to say. */
  readonly onControl: (message: StoredEntry["message"]) => void;
  /** An entry could not be understood. */
  readonly onBroken: (mirror: Mirror, failure: Error) => void;
  /** Redis is lost, or back. */
  readonly onChange: (isLost: boolean) => void;
}

/** Reads everything that other relays write and somebody here follows. */
export interface Tail {
  readonly isReady: boolean;
  /** Reads on from where the mirror stands. */
  add(mirror: Mirror): void;
  delete(mirror: Mirror): void;
  /** Tries again when the last read has failed. */
  retry(): void;
  close(): Promise<void>;
}

/** So much longer than it should may a read take before its connection is given up. */
const answerMs = 2_000;

/**
 * One connection that waits in one XREAD for all mirrors and for what other relays tell this one. A
 * mirror that comes while it waits is read after a word of this relay to itself.
 */
export function openTail(options: TailOptions): Tail {
  const { redis, store, relayId, blockMs } = options;
  const mirrors = new Map<string, Mirror>();
  const controlKey = store.keys.control(relayId);
  let controlPlace: EntryId = noEntry;
  let isWaking = false;
  let isClosed = false;
  let retry: () => void = () => {};
  const connection = redis.duplicate({
    commandTimeoutMs: blockMs + answerMs,
    onReady() {
      retry();
      options.onChange(false);
    },
    onLost: () => options.onChange(true),
  });

  async function readOnce(): Promise<void> {
    const places = [...mirrors].map(([key, mirror]) => ({ key, id: mirror.place }));
    const streams = [{ key: controlKey, id: controlPlace }, ...places];
    const reply = await connection.run((client) =>
      client.xRead(streams, { BLOCK: blockMs, COUNT: entriesAtOnce }),
    );
    // What the command is documented to answer; the client leaves its type open.
    const read = (reply ?? []) as readonly { name: string; messages: readonly StoredEntry[] }[];
    for (const { name, messages } of read) {
      const mirror = mirrors.get(name);
      if (name === controlKey) hear(messages);
      else if (mirror !== undefined) fill(mirror, messages);
    }
  }

  function hear(messages: readonly StoredEntry[]): void {
    for (const { id, message } of messages) {
      controlPlace = id as EntryId;
      options.onControl(message);
    }
  }

  function fill(mirror: Mirror, messages: readonly StoredEntry[]): void {
    try {
      mirror.take(messages);
    } catch (failure) {
      options.onBroken(mirror, failure as Error);
    }
    if (mirror.isClosed) mirrors.delete(store.keys.log(mirror.streamId));
  }

  async function readOn(): Promise<void> {
    while (!isClosed) {
      await readOnce().catch(async () => {
        if (isClosed) return;
        // Why is told by the connection; it is tried again when that is back, or a little later.
        await new Promise<void>((resolve) => {
          retry = resolve;
        });
      });
    }
  }

  const over = readOn();

  return {
    get isReady() {
      return connection.isReady;
    },
    add(mirror) {
      mirrors.set(store.keys.log(mirror.streamId), mirror);
      if (isWaking) return;
      isWaking = true;
      // Those that come in the same turn need one word together.
      queueMicrotask(() => {
        isWaking = false;
        // Without it they wait for the end of the present read.
        store.wake().catch(() => {});
      });
    },
    delete(mirror) {
      mirrors.delete(store.keys.log(mirror.streamId));
    },
    retry: () => retry(),
    async close() {
      isClosed = true;
      retry();
      await connection.close();
      await over;
    },
  };
}
