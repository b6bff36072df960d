import type { RedisConnection } from "../connection/redis-connection.ts";
import type { EndedBy } from "./ending.ts";
import { type EntryId, noEntry, type StoredEntry } from "./entry.ts";

export interface TailOptions {
  readonly redis: RedisConnection;
  /** Where other relays notify this one: a Redis Stream. */
  readonly controlKey: string;
  /** The longest silence of one read, in milliseconds. */
  readonly blockMs: number;
  /** Another relay has ended a stream of this one. */
  readonly onClosed: (streamId: string, by: EndedBy) => void;
  /** A stream that is followed here has new entries. */
  readonly onAppended: (streamId: string) => void;
  /** Redis is lost, or back. */
  readonly onChange: (isLost: boolean) => void;
}

/** Waits for notifications of other relays. */
export interface Tail {
  readonly isReady: boolean;
  /** Tries again when the last read has failed. */
  retry(): void;
  close(): Promise<void>;
}

/** So much longer than it should may a read take before its connection is given up. */
const answerMs = 2_000;
/** So many notifications are read at once. */
const notificationsAtOnce = 1_000;

/**
 * One connection that waits in one XREAD for the notifications to this relay. What it costs does not
 * depend on how many streams are followed here.
 */
export function openTail(options: TailOptions): Tail {
  const { redis, controlKey, blockMs } = options;
  let cursor: EntryId = noEntry;
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
    const reply = await connection.run((client) =>
      client.xRead([{ key: controlKey, id: cursor }], {
        BLOCK: blockMs,
        COUNT: notificationsAtOnce,
      }),
    );
    // What the command is documented to answer; the client leaves its type open.
    const read = (reply ?? []) as readonly { messages: readonly StoredEntry[] }[];
    for (const { messages } of read) notify(messages);
  }

  function notify(messages: readonly StoredEntry[]): void {
    const appended = new Set<string>();
    for (const { id, message } of messages) {
      cursor = id as EntryId;
      const { closed, by, log } = message;
      if (closed !== undefined) options.onClosed(closed, by === "cancelled" ? by : "lost");
      if (log !== undefined) appended.add(log);
    }
    for (const streamId of appended) options.onAppended(streamId);
  }

  async function readOn(): Promise<void> {
    while (!isClosed) {
      await readOnce().catch(async () => {
        if (isClosed) return;
        // The connection reports the reason; this retries when it is back, or a little later.
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
    retry: () => retry(),
    async close() {
      isClosed = true;
      retry();
      await connection.close();
      await over;
    },
  };
}
