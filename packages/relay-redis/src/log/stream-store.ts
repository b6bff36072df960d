import { randomUUID } from "node:crypto";
import type { RedisConnection } from "../connection/redis-connection.ts";
import type { StreamFacts } from "@gatestream/relay/parts";
import { type ClosedBy, type EndedBy, terminalOf } from "./ending.ts";
import type { EntryId, LogEntry, StoredEntry } from "./entry.ts";
import { createKeys } from "./keys.ts";
import { appendScript } from "./scripts/append-script.ts";
import { claimScript } from "./scripts/claim-script.ts";
import { closeScript } from "./scripts/close-script.ts";
import { discardScript } from "./scripts/discard-script.ts";
import { releaseScript } from "./scripts/release-script.ts";
import { runScript } from "../connection/run-script.ts";

export interface StreamStoreSettings {
  readonly relayId: string;
  readonly keyPrefix: string;
  readonly maxLogBytes: number;
  readonly maxKeptStreamsPerSubject: number;
  readonly retainClosedMs: number;
  readonly leaseMs: number;
}

/** A stream as its writer knows it. */
export interface WrittenFacts extends StreamFacts {
  readonly streamId: string;
  /** Distinguishes this writer from any other of the same stream. */
  readonly writerId: string;
  /** Callers' keys that stand for the stream. */
  readonly claims: readonly string[];
}

/** Where a log stands. */
export interface LogState {
  readonly last: EntryId;
  /** `""` no writer; `"taken"` another writer's. */
  readonly closedBy: ClosedBy | "taken" | "";
}

export interface StreamMeta extends StreamFacts {
  readonly last: EntryId;
  /** `""` no writer. */
  readonly closedBy: ClosedBy | "";
  /** Who writes it. */
  readonly relayId: string;
}

/** What this relay asks of Redis. Each rejects when Redis is away. */
export type StreamStore = ReturnType<typeof createStreamStore>;

/** So many entries are read at once. */
export const entriesAtOnce = 64;

export function createStreamStore(redis: RedisConnection, settings: StreamStoreSettings) {
  const { relayId, leaseMs, retainClosedMs, maxLogBytes } = settings;
  const keys = createKeys(settings.keyPrefix);
  /** Scripts put a relay's id in its place. */
  const controlPattern = keys.control("%s");
  /** Scripts put a stream's id in its place. */
  const patterns = [keys.log("%s"), keys.meta("%s")];
  const keeping = [settings.maxKeptStreamsPerSubject, ...patterns];
  /** Slack for paused relays and reconnecting readers. */
  const lagMs = 3 * leaseMs;
  /** A running stream that is not renewed is kept as long as one that has ended. */
  const openMs = retainClosedMs + lagMs;
  /** The last epoch that Redis returned. */
  let knownEpoch = "";

  /** Whether Redis has lost its data since it was last asked. */
  function isNewEpoch(epoch: string): boolean {
    const isNew = knownEpoch !== "" && epoch !== knownEpoch;
    knownEpoch = epoch;
    return isNew;
  }

  async function readMeta(streamId: string): Promise<StreamMeta | undefined> {
    const fields = ["last", "closed", "subject", "relay"];
    const [last, closedBy, subject, writingRelayId] = await redis.run((client) =>
      client.hmGet(keys.meta(streamId), fields),
    );
    if (!last) return undefined;
    return {
      last: last as EntryId,
      closedBy: (closedBy ?? "") as ClosedBy | "",
      subject: subject ?? "",
      relayId: writingRelayId ?? "",
    };
  }

  return {
    keys,
    lagMs,
    openMs,
    readMeta,

    /** Adds entries after the entry `after`; without entries it only says where the log stands. */
    async append(
      { streamId, subject, caller = subject, writerId, claims }: WrittenFacts,
      after: EntryId,
      entries: readonly LogEntry[],
    ): Promise<LogState> {
      const isLast = entries.at(-1)?.isLast === true ? 1 : 0;
      const whose = [streamId, subject, relayId, writerId, after];
      const limits = [isLast, maxLogBytes, openMs, retainClosedMs, lagMs, leaseMs, controlPattern];
      const given = entries.flatMap(({ id, firstId, events }) => [id, firstId, events]);
      const reply = await runScript(redis, appendScript, {
        keys: [
          keys.log(streamId),
          keys.meta(streamId),
          keys.lease(relayId),
          keys.readers(streamId),
          keys.kept(caller),
          ...claims.map(keys.claim),
        ],
        arguments: [...whose, ...limits, ...keeping, ...given],
      });
      // What the script answers.
      const [last, closedBy] = reply as [EntryId, LogState["closedBy"]];
      return { last, closedBy };
    },

    /** Ends a stream that is open; as `lost` only when the lease of the relay that writes it lapsed. */
    async end(streamId: string, writingRelayId: string, endedBy: EndedBy): Promise<void> {
      const events = JSON.stringify([terminalOf(endedBy, streamId)]);
      const lease = endedBy === "lost" ? [keys.lease(writingRelayId)] : [];
      const given = [streamId, endedBy, events, retainClosedMs, lagMs, controlPattern];
      await runScript(redis, closeScript, {
        keys: [
          keys.log(streamId),
          keys.meta(streamId),
          keys.readers(streamId),
          keys.control(writingRelayId),
          ...lease,
        ],
        arguments: [...given, ...keeping],
      });
    },

    /** Forgets a stream, unless it is followed elsewhere. */
    async discard(streamId: string): Promise<void> {
      await runScript(redis, discardScript, {
        keys: [keys.meta(streamId), keys.readers(streamId)],
        arguments: [streamId, ...patterns],
      });
    },

    /** The next entries of a log. */
    async readAfter(streamId: string, after: EntryId): Promise<readonly StoredEntry[]> {
      const range = { COUNT: entriesAtOnce };
      const read = await redis.run((client) =>
        client.xRange(keys.log(streamId), `(${after}`, "+", range),
      );
      return read ?? [];
    },

    /**
     * Which stream `key` stands for: `streamId` when it was free; `""` when it is free and was not
     * to be bound, or Redis has lost its data.
     */
    async claim(key: string, streamId: string, mayBind: boolean) {
      const reply = await runScript(redis, claimScript, {
        keys: [keys.claim(key), keys.meta(streamId), keys.epoch],
        arguments: [streamId, lagMs, mayBind ? 1 : 0, knownEpoch, randomUUID(), openMs],
      });
      // What the script answers.
      const [holder, epoch] = reply as [string, string];
      return { holder, isDataLost: isNewEpoch(epoch) };
    },

    /** Frees a key; with `holder` only when it stands for that stream. */
    async release(key: string, holder?: string): Promise<void> {
      const claim = keys.claim(key);
      const streamId = holder ?? (await redis.run((client) => client.get(claim)));
      if (streamId === null) return;
      await runScript(redis, releaseScript, {
        keys: [claim, keys.meta(streamId)],
        arguments: [streamId],
      });
    },

    /** Whether Redis has lost its data since the last check. */
    async renewLease(): Promise<boolean> {
      const [, , epoch] = await redis.run((client) =>
        client
          .multi()
          .set(keys.lease(relayId), "", { PX: leaseMs })
          .set(keys.epoch, randomUUID(), { NX: true, PX: openMs })
          .get(keys.epoch)
          .pExpire(keys.epoch, openMs)
          .exec(),
      );
      return isNewEpoch(String(epoch));
    },

    async endLease(): Promise<void> {
      await redis.run((client) => client.del([keys.lease(relayId), keys.control(relayId)]));
    },

    async hasLease(writingRelayId: string): Promise<boolean> {
      return (await redis.run((client) => client.exists(keys.lease(writingRelayId)))) === 1;
    },

    /** The relay that writes the stream notifies this one of new entries, for the time of a lease. */
    async announceReaders(streamId: string): Promise<void> {
      const readers = keys.readers(streamId);
      await redis.run((client) =>
        client.multi().sAdd(readers, relayId).pExpire(readers, leaseMs).exec(),
      );
    },

    async withdrawReaders(streamId: string): Promise<void> {
      await redis.run((client) => client.sRem(keys.readers(streamId), relayId));
    },

    async hasReaders(streamId: string): Promise<boolean> {
      return (await redis.run((client) => client.exists(keys.readers(streamId)))) === 1;
    },
  };
}
