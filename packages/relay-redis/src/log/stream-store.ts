import { createHash, randomUUID } from "node:crypto";
import { RelayError, type StreamFacts } from "@gatestream/relay/parts";
import { type RedisConnection, runScript, type Script } from "../connection/redis-connection.ts";
import { type ClosedBy, type EndedBy, terminalOf } from "./ending.ts";
import { type EntryId, type LogEntry, noEntry, type StoredEntry } from "./entry.ts";
import { appendScript, claimScript, closeScript, releaseScript, takeScript } from "./scripts.ts";

export interface RedisLogSettings {
  /**
   * What is kept of one stream, in bytes of JSON: the newest events; readers get a `gap` for the
   * others. @defaultValue 4194304
   */
  readonly maxLogBytes?: number;
  /** Ended streams kept for each caller; the one that ended first goes. @defaultValue 1000 */
  readonly maxKeptStreamsPerSubject?: number;
  /** How long a stream is kept after its end, in milliseconds; reading does not renew it. @defaultValue 600000 */
  readonly retainClosedMs?: number;
  /**
   * How long a relay may be silent before its streams end with `producer_lost`, in milliseconds.
   * @defaultValue 5000
   */
  readonly leaseMs?: number;
  /** What every key and channel begins with. @defaultValue `"gatestream"` */
  readonly keyPrefix?: string;
  /**
   * Called with the reason why streams cannot be kept: Redis is away, or refuses what it is asked. Once
   * until that is over.
   */
  readonly onLost?: (failure: Error) => void;
}

/** The first three as the settings of the relay. */
export const defaults = {
  maxLogBytes: 4 * 1024 * 1024,
  maxKeptStreamsPerSubject: 1_000,
  retainClosedMs: 600_000,
  leaseMs: 5_000,
  keyPrefix: "gatestream",
};

/** A stream as its writer knows it. */
export interface WrittenFacts extends StreamFacts {
  readonly streamId: string;
  /** Distinguishes this writer from any other of the same stream. */
  readonly writerId: string;
  /** How another relay can continue the answer. */
  readonly handle?: string | undefined;
}

/** What the writer of a stream brings to Redis. */
export interface Append {
  /** The entry that the others come after. */
  readonly after: EntryId;
  /** Without any it only says where the log stands. */
  readonly entries: readonly LogEntry[];
  /** Why the stream ends, where the last entry is its end. */
  readonly reason?: string | undefined;
  /** Whether the facts have changed since they were brought. */
  readonly hasNewFacts?: boolean;
  /** Whether a stream that has ended is forgotten, unless it is followed on another relay. */
  readonly isDiscarded?: boolean;
  /** Whether the callers' keys that stand for the stream are free. */
  readonly freesKeys?: boolean;
}

/** Where a log stands. */
export interface LogState {
  readonly last: EntryId;
  /** `""` nobody; `"taken"` it is another writer's. */
  readonly closedBy: ClosedBy | "taken" | "";
}

export interface StreamMeta extends LogState {
  readonly facts: Omit<StreamFacts, "caller">;
  /** How another relay can continue the answer. */
  readonly handle: string | undefined;
  /** Who writes it. */
  readonly relayId: string;
  /** Why its writer ended it. */
  readonly reason: string | undefined;
}

/** What this relay asks of Redis. Each rejects when Redis is away. */
export type StreamStore = ReturnType<typeof createStreamStore>;

/** So many entries are read at once. */
export const entriesAtOnce = 64;

const metaFields = ["last", "closed", "reason", "subject", "facts", "relay"];

function metaOf([last, closedBy, reason, subject, facts, relayId]: readonly (string | null)[]):
  | StreamMeta
  | undefined {
  if (!last) return undefined;
  const { handle, ...about } = JSON.parse(facts ?? "{}") as { readonly handle?: string };
  return {
    facts: { ...about, subject: subject ?? "" },
    handle,
    last: last as EntryId,
    closedBy: (closedBy ?? "") as LogState["closedBy"],
    reason: reason || undefined,
    relayId: relayId ?? "",
  };
}

/** The refusal of what needs Redis while it is away. */
export function storeAway(cause?: unknown): RelayError {
  const message = "Answers that other relays write cannot be reached at the moment; try again.";
  return new RelayError("overloaded", message, { retryAfterMs: 1_000, cause });
}

export function createStreamStore(redis: RedisConnection, options: RedisLogSettings) {
  const settings = { ...defaults, ...options };
  const { keyPrefix, leaseMs, retainClosedMs, maxLogBytes, maxKeptStreamsPerSubject } = settings;
  const relayId = randomUUID();
  /** Slack for paused relays and reconnecting readers. */
  const lagMs = 3 * leaseMs;
  /** A running stream that is not renewed is kept as long as one that has ended. */
  const openMs = retainClosedMs + lagMs;
  const limits = { leaseMs, lagMs, openMs, retainClosedMs, maxLogBytes, maxKeptStreamsPerSubject };

  const ofStream = (streamId: string, part: string) => `${keyPrefix}:{${streamId}}:${part}`;
  // What a caller names a key or a conversation may be long and private; so is an address: the key in
  // Redis has only a hash.
  const ofCaller = (part: string, text: string) =>
    `${keyPrefix}:${part}:${createHash("sha256").update(text).digest("base64url")}`;
  /** There while a relay is alive. */
  const leaseOf = (id: string) => `${keyPrefix}:relay:{${id}}:lease`;
  /** Where a relay is notified of streams of its own that another one has ended. */
  const closedOf = (id: string) => `${keyPrefix}:relay:{${id}}:closed`;

  function aboutStream(facts: Omit<WrittenFacts, "streamId" | "writerId" | "subject" | "caller">) {
    const { conversationId } = facts;
    return {
      facts: JSON.stringify(facts),
      ...(conversationId !== undefined && {
        conversation: ofCaller("conversation", conversationId),
      }),
    };
  }

  function run(script: Script, given: object, entries: readonly LogEntry[] = []): Promise<unknown> {
    const values = entries.flatMap(({ id, firstId, events }) => [id, firstId, events]);
    return runScript(redis, script, [
      JSON.stringify({ keyPrefix, ...limits, ...given }),
      ...values,
    ]);
  }

  return {
    lagMs,
    openMs,
    /** The channel where this relay is notified of its streams that another one has ended. */
    closedChannel: closedOf(relayId),
    /** The channel where relays are notified of new entries of a stream. */
    eventsChannel: (streamId: string) => ofStream(streamId, "events"),

    async readMeta(streamId: string): Promise<StreamMeta | undefined> {
      const values = await redis.run((client) =>
        client.hmGet(ofStream(streamId, "meta"), metaFields),
      );
      return metaOf(values);
    },

    /** The streams of a conversation, of all its owners. */
    async readConversation(
      conversationId: string,
    ): Promise<readonly (StreamMeta & { readonly streamId: string })[]> {
      return redis.run(async (client) => {
        const ids = await client.zRange(ofCaller("conversation", conversationId), 0, -1);
        const metas = await Promise.all(
          ids.map(async (streamId) => {
            const meta = metaOf(await client.hmGet(ofStream(streamId, "meta"), metaFields));
            // One that was lost with data of Redis may be listed still.
            return meta === undefined ? [] : [{ ...meta, streamId }];
          }),
        );
        return metas.flat();
      });
    },

    async append(
      { streamId, writerId, subject, caller = subject, ...facts }: WrittenFacts,
      { entries, hasNewFacts = false, ...append }: Append,
    ): Promise<LogState> {
      const isLast = entries.at(-1)?.isLast === true;
      const stream = { streamId, writerId, subject, kept: ofCaller("kept", caller) };
      const who = { relayId, lease: leaseOf(relayId) };
      // Not with each batch: they may be long.
      const about = hasNewFacts || append.after === noEntry ? aboutStream(facts) : {};
      const given = { ...stream, ...about, ...who, ...append, isLast };
      const reply = await run(appendScript, given, entries);
      // What the script answers.
      const [last, closedBy] = reply as [EntryId, LogState["closedBy"]];
      return { last, closedBy };
    },

    /** Ends a stream that is open; as `lost` only when the lease of the relay that writes it lapsed. */
    async end(streamId: string, writingRelayId: string, closedBy: EndedBy): Promise<void> {
      await run(closeScript, {
        streamId,
        closedBy,
        terminal: JSON.stringify([terminalOf(closedBy, streamId)]),
        writer: closedOf(writingRelayId),
        lease: closedBy === "lost" ? leaseOf(writingRelayId) : undefined,
      });
    },

    /** The id of the last entry of a stream that is `writerId`'s now; undefined where it is not lost. */
    async take(
      streamId: string,
      lostRelayId: string,
      writerId: string,
    ): Promise<EntryId | undefined> {
      const who = {
        relayId,
        lease: leaseOf(relayId),
        lostRelayId,
        lostLease: leaseOf(lostRelayId),
      };
      const last = await run(takeScript, { streamId, writerId, ...who });
      return (last ?? undefined) as EntryId | undefined;
    },

    /** The next entries of a log. */
    async readAfter(streamId: string, after: EntryId): Promise<readonly StoredEntry[]> {
      const range = { COUNT: entriesAtOnce };
      const read = await redis.run((client) =>
        client.xRange(ofStream(streamId, "log"), `(${after}`, "+", range),
      );
      return read ?? [];
    },

    /** Which stream `key` stands for: `streamId` when it was free. */
    async claim(key: string, streamId: string): Promise<string> {
      return String(await run(claimScript, { streamId, claim: ofCaller("claim", key) }));
    },

    /** Frees a key; with `holder` only when it stands for that stream. */
    async release(key: string, holder?: string): Promise<void> {
      const claim = ofCaller("claim", key);
      const streamId = holder ?? (await redis.run((client) => client.get(claim)));
      if (streamId !== null) await run(releaseScript, { streamId, claim });
    },

    async renewLease(): Promise<void> {
      await redis.run((client) => client.set(leaseOf(relayId), "", { PX: leaseMs }));
    },

    async endLease(): Promise<void> {
      await redis.run((client) => client.del(leaseOf(relayId)));
    },

    async hasLease(writingRelayId: string): Promise<boolean> {
      return (await redis.run((client) => client.exists(leaseOf(writingRelayId)))) === 1;
    },

    /** This relay has no more readers of a stream that another one writes. */
    async noteLastRead(streamId: string): Promise<void> {
      // Its time to live says how long ago that was, by the clock of Redis.
      const key = ofStream(streamId, "read");
      await redis.run((client) => client.set(key, String(openMs), { PX: openMs }));
    },

    /** Whether another relay has readers of the stream, or had some within so many milliseconds. */
    async hasReaders(streamId: string, withinMs: number): Promise<boolean> {
      const [channel, read] = [ofStream(streamId, "events"), ofStream(streamId, "read")];
      const [counts, keptMs, leftMs] = await redis.run((client) =>
        Promise.all([client.pubSubNumSub(channel), client.get(read), client.pTTL(read)]),
      );
      const wasRead = keptMs !== null && Number(keptMs) - leftMs < withinMs;
      return wasRead || Number(counts[channel]) > 0;
    },
  };
}
