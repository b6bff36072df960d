import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  drainingError,
  type Following,
  isRelayError,
  type LoggedStream,
  type LogReader,
  reasonOf,
  type ResumableLog,
  type WriterListener,
} from "@gatestream/relay/parts";
import type { RedisConnection } from "../connection/redis-connection.ts";
import { terminalOf } from "./ending.ts";
import { lastIdAt } from "./entry.ts";
import { startLeaseLoop } from "./lease-loop.ts";
import { createLostStreams } from "./lost-streams.ts";
import { Mirror } from "./mirror.ts";
import {
  createStreamStore,
  defaults,
  type RedisLogSettings,
  type StreamMeta,
  storeAway,
  type WrittenFacts,
} from "./stream-store.ts";
import { WrittenStream, type WrittenStreamOptions } from "./written-stream.ts";

/** How long unsent entries may delay the relay's shutdown. */
const flushMs = 1_000;

/**
 * A log that all relays on one Redis share: a reader may reconnect to any of them, also when the
 * relay that writes the stream is gone. Readers of the writing relay wait for Redis with the end
 * alone: others may end the stream too, and all readers get the same end.
 *
 * - While Redis is away, streams continue for the readers of the relay that writes them; those of other
 *   relays are cut off after a lease. What Redis missed is written when it is back.
 * - When a relay dies, an answer that can be asked for again is continued by another one that has readers
 *   of it; of any other, readers on others get `producer_lost` after `leaseMs` and a third. A reader that
 *   is ahead of the log receives only the terminal event.
 * - When Redis loses its data, the same happens to readers on other relays, unless the stream has been
 *   written again before. The callers' keys are free again.
 *
 * It needs Redis from 6.2 on, or Valkey, alone or with Sentinel, and one connection besides
 * `redis`. Redis Cluster is not supported: one script writes keys of several slots. Every
 * key expires.
 */
export function createRedisLog(redis: RedisConnection, options: RedisLogSettings): ResumableLog {
  const settings = { ...defaults, ...options };
  const { leaseMs, retainClosedMs, maxLogBytes } = settings;
  const store = createStreamStore(redis, options);
  /** The streams that this relay writes, until Redis has all of them. */
  const written = new Map<string, WrittenStream>();
  /** The streams of other relays that are followed here: one mirror each, however many follow it. */
  const mirrors = new Map<string, Mirror>();
  // Subscribers get little room for answers in Redis: reading has the other connection.
  const subscriber = redis.duplicate({ onReady: () => leaseLoop.tickNow(), onLost() {} });
  const leaseLoop = startLeaseLoop({ leaseMs, tick });
  let isShut = false;
  let isRefusalReported = false;
  const lostStreams = createLostStreams({ store, open: openWritten, onTaken });

  subscriber.subscribe(store.closedChannel, (streamId) => {
    void written.get(streamId)?.synchronize();
  });
  redis.on("change", leaseLoop.tickNow);
  leaseLoop.tickNow();

  /** Renews what must not expire, and checks whether the relays that write what is followed here are there. */
  async function tick(): Promise<void> {
    // Finds out when its connection is dead.
    subscriber.ping().catch(() => {});
    for (const mirror of mirrors.values()) {
      // Not at once, because readers reconnect.
      if (performance.now() - (mirror.idleSince ?? Infinity) >= leaseMs) drop(mirror);
      else if (leaseLoop.isAwayForLong && !mirror.isClosed) cut(mirror, storeAway());
    }
    for (const stream of written.values()) {
      if (performance.now() - (stream.endedAt ?? Infinity) > retainClosedMs) stream.forget();
      else if (!redis.isReady) stream.lose();
    }
    await store.renewLease();
    for (const stream of written.values()) {
      const isDue = performance.now() - stream.renewedAt > store.openMs / 3;
      if (leaseLoop.isAway || isDue || !stream.isResumable) void stream.synchronize();
    }
    const isTrusted = (): boolean => leaseLoop.isTrusted;
    await Promise.all([...mirrors.values()].map((mirror) => mirror.check(isTrusted)));
  }

  const send: WrittenStreamOptions["send"] = async (facts, append) => {
    try {
      const state = await store.append(facts, append);
      isRefusalReported = false;
      return state;
    } catch (failure) {
      // That it is away is reported by the connection.
      if (redis.isReady && !isRefusalReported) {
        isRefusalReported = true;
        options.onLost?.(failure instanceof Error ? failure : new Error(String(failure)));
      }
      throw failure;
    }
  };

  function drop(mirror: Mirror): void {
    if (mirrors.get(mirror.streamId) === mirror) mirrors.delete(mirror.streamId);
    mirror.unsubscribe();
  }

  /** Disconnects the readers of one; when they reconnect they get it anew. */
  function cut(mirror: Mirror, failure?: Error): void {
    drop(mirror);
    mirror.cut(failure);
  }

  /** Undefined when Redis does not know the stream. It rejects when Redis is away. */
  async function followElsewhere(
    streamId: string,
    after: number,
    reader: LogReader,
  ): Promise<Following | undefined> {
    const mirror =
      mirrors.get(streamId) ??
      new Mirror(streamId, { store, subscriber, maxLogBytes, onLost: lostStreams.handle });
    mirrors.set(streamId, mirror);
    const isKnown = await mirror.opened.catch((failure: unknown) => {
      drop(mirror);
      throw failure;
    });
    if (!isKnown) return void drop(mirror);
    // A stream that was forgotten is forgotten, though it may be here still.
    if (mirror.isClosed && (await store.readMeta(streamId)) === undefined) return undefined;
    if (isShut) mirror.cut();
    return mirror.follow(after, reader);
  }

  function openWritten(facts: WrittenFacts, onClosed: WriterListener["onClosed"]): WrittenStream {
    return new WrittenStream({
      facts,
      maxLogBytes,
      onClosed,
      send,
      mayBeEndedElsewhere: () => leaseLoop.wasStopped,
      onOver: () => written.delete(facts.streamId),
    });
  }

  /** Readers that followed it here while another relay wrote it reconnect, and get it from this one. */
  function onTaken(stream: WrittenStream): void {
    const { streamId } = stream.facts;
    written.set(streamId, stream);
    const mirror = mirrors.get(streamId);
    if (mirror !== undefined) cut(mirror);
  }

  /** The streams of a conversation; those whose relay is gone are ended before. */
  async function readConversation(conversationId: string) {
    const metas = await store.readConversation(conversationId);
    const open = metas.filter(
      ({ streamId, closedBy }) => closedBy === "" && !written.has(streamId),
    );
    const relayIds = [...new Set(open.map(({ relayId }) => relayId))];
    const hasLease = await Promise.all(relayIds.map((relayId) => store.hasLease(relayId)));
    const lost = open.filter(({ relayId }) => hasLease[relayIds.indexOf(relayId)] === false);
    if (lost.length === 0 || !leaseLoop.isTrusted) return metas;
    await Promise.all(lost.map((meta) => lostStreams.handle(meta.streamId, meta)));
    return store.readConversation(conversationId);
  }

  /** The stream of this relay that an idempotency key stands for. */
  function holderOf(key: string): WrittenStream | undefined {
    for (const stream of written.values()) if (stream.keys.has(key)) return stream;
    return undefined;
  }

  /** Claims again when the connection broke before the response: Redis may have bound the key. */
  async function claimUntilKnown(key: string, streamId: string): Promise<string> {
    const wasReady = redis.isReady;
    try {
      return await store.claim(key, streamId);
    } catch (failure) {
      if (!wasReady || redis.isReady) throw failure;
    }
    await redis.whenReady(leaseMs);
    try {
      return await store.claim(key, streamId);
    } catch (failure) {
      written.get(streamId)?.freeKeys();
      throw failure;
    }
  }

  async function close(): Promise<void> {
    isShut = true;
    redis.off("change", leaseLoop.tickNow);
    await leaseLoop.stop();
    const sent = Promise.all([...written.values()].map((stream) => stream.synchronize()));
    await Promise.race([sent, sleep(flushMs, undefined, { ref: false })]);
    for (const stream of written.values()) stream.abandon(drainingError());
    for (const mirror of mirrors.values()) cut(mirror);
    // Where it fails the lease lapses by itself.
    await store.endLease().catch(() => {});
    await subscriber.close();
  }

  let closed: Promise<void> | undefined;
  return {
    isShared: true,
    get isReady() {
      return redis.isReady;
    },
    async create(streamId, facts, { onClosed }) {
      if (isShut) throw drainingError();
      if (written.has(streamId)) throw taken();
      const stream = openWritten({ ...facts, streamId, writerId: randomUUID() }, onClosed);
      written.set(streamId, stream);
      await stream.synchronize();
      // Nobody else can have ended it: it is another writer's.
      if (stream.endedAt !== undefined) throw taken();
      return stream;
    },
    async follow(streamId, after, reader) {
      const own = written.get(streamId)?.log.follow(after, reader);
      return own ?? ask(followElsewhere(streamId, after, reader));
    },
    async find(streamId) {
      const own = written.get(streamId);
      if (own !== undefined) return own.logged;
      const meta = await ask(store.readMeta(streamId));
      return meta && loggedOf(meta);
    },
    async findByConversation(conversationId) {
      const metas = await ask(readConversation(conversationId));
      return metas.map((meta) => {
        const { streamId } = meta;
        return Object.assign(written.get(streamId)?.logged ?? loggedOf(meta), { streamId });
      });
    },
    async claim(key, streamId) {
      const own = redis.isReady ? undefined : holderOf(key);
      if (own !== undefined) return own.facts.streamId;
      const holder = await ask(claimUntilKnown(key, streamId));
      if (holder === streamId) written.get(streamId)?.keys.add(key);
      return holder;
    },
    async release(key) {
      const own = holderOf(key);
      own?.keys.delete(key);
      // Where Redis is away, the stream frees its keys when it is back.
      await store.release(key, own?.facts.streamId).catch(() => own?.freeKeys());
    },
    async cancel(streamId) {
      const own = written.get(streamId);
      if (own !== undefined) return own.cancel();
      const meta = await ask(store.readMeta(streamId));
      if (meta?.closedBy === "") await ask(store.end(streamId, meta.relayId, "cancelled"));
    },
    onLost: lostStreams.continueWith,
    async hasReadersElsewhere(streamId, withinMs = 0) {
      // They may be back at once; after the time of a lease they are cut off.
      return store.hasReaders(streamId, withinMs).catch(() => !leaseLoop.isAwayForLong);
    },
    close: () => (closed ??= close()),
  };
}

function loggedOf({ facts, last, closedBy, reason }: StreamMeta): LoggedStream {
  const found = { ...facts, lastId: lastIdAt(last), isClosed: closedBy !== "" };
  if (closedBy !== "lost" && closedBy !== "cancelled") return { ...found, reason };
  return { ...found, reason: reasonOf(terminalOf(closedBy, "")), isEndedElsewhere: true };
}

async function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (failure) {
    throw isRelayError(failure) ? failure : storeAway(failure);
  }
}

function taken(): Error {
  return new Error("A stream has one writer: this id is taken.");
}
