import { type Following, type LogReader, toRelayError } from "@gatestream/relay/parts";
import { Mirror } from "./mirror.ts";
import { entriesAtOnce, type StreamStore } from "./stream-store.ts";

export interface MirrorsOptions {
  readonly store: StreamStore;
  readonly maxLogBytes: number;
  /** How long the relay that writes a stream knows of readers here, in milliseconds. */
  readonly leaseMs: number;
  /** How long a mirror stays without readers, in milliseconds. */
  readonly idleMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

interface Reading {
  /** Whether there may be more than what has been read. */
  isStale: boolean;
  done: Promise<void>;
}

/** The streams of other relays that are followed here: one mirror each, however many follow it. */
export type Mirrors = ReturnType<typeof createMirrors>;

export function createMirrors({ store, now, ...options }: MirrorsOptions) {
  /** Also those that are being opened, so that all who come meanwhile get the same. */
  const openings = new Map<string, Promise<Mirror | undefined>>();
  const mirrors = new Map<string, Mirror>();
  const idleSince = new Map<Mirror, number>();
  const announcedAt = new WeakMap<Mirror, number>();
  const readings = new Map<Mirror, Reading>();
  let isShut = false;

  async function open(streamId: string): Promise<Mirror | undefined> {
    const meta = await store.readMeta(streamId);
    if (meta === undefined) return undefined;
    const mirror: Mirror = new Mirror({
      streamId,
      relayId: meta.relayId,
      maxLogBytes: options.maxLogBytes,
      openedAt: now(),
      onReaders: (count) => setReaders(mirror, count),
    });
    // Known before it is announced: nothing of which this relay is notified is missed.
    mirrors.set(streamId, mirror);
    try {
      if (meta.closedBy === "") await announce(mirror);
      await fill(mirror);
    } catch (failure) {
      drop(mirror);
      throw failure;
    }
    if (isShut) mirror.cut();
    else idleSince.set(mirror, now());
    return mirror;
  }

  async function announce(mirror: Mirror): Promise<void> {
    await store.announceReaders(mirror.streamId);
    announcedAt.set(mirror, now());
  }

  /** One reading at a time; what is appended meanwhile is read by it too. */
  function fill(mirror: Mirror): Promise<void> {
    const running = readings.get(mirror);
    if (running !== undefined) {
      running.isStale = true;
      return running.done;
    }
    const reading: Reading = { isStale: true, done: Promise.resolve() };
    readings.set(mirror, reading);
    reading.done = readAll(mirror, reading).finally(() => readings.delete(mirror));
    return reading.done;
  }

  async function readAll(mirror: Mirror, reading: Reading): Promise<void> {
    while (reading.isStale && !mirror.isClosed) {
      reading.isStale = false;
      const entries = await store.readAfter(mirror.streamId, mirror.cursor);
      try {
        mirror.take(entries);
      } catch (failure) {
        cut(mirror, toRelayError(failure));
        throw failure;
      }
      reading.isStale ||= entries.length === entriesAtOnce;
    }
  }

  /** Reads what is new in a stream, if it is followed here. */
  function read(streamId: string): void {
    const mirror = mirrors.get(streamId);
    if (mirror === undefined || mirror.isClosed) return;
    // What could not be read because Redis is away is read with the next tick.
    fill(mirror).catch(() => {});
  }

  function setReaders(mirror: Mirror, count: number): void {
    if (mirrors.get(mirror.streamId) !== mirror) return;
    const wasIdle = idleSince.delete(mirror);
    if (count === 0) {
      idleSince.set(mirror, now());
      return;
    }
    const isAnnounced = now() - (announcedAt.get(mirror) ?? -Infinity) < options.leaseMs / 2;
    if (!wasIdle || isAnnounced || mirror.isClosed) return;
    // Meanwhile this relay may not have been notified. When it fails both are done with the next tick.
    announce(mirror).then(
      () => read(mirror.streamId),
      () => {},
    );
  }

  function drop(mirror: Mirror): void {
    if (mirrors.get(mirror.streamId) !== mirror) return;
    mirrors.delete(mirror.streamId);
    idleSince.delete(mirror);
    openings.delete(mirror.streamId);
    // Where it fails it expires by itself.
    if (!mirror.isClosed) store.withdrawReaders(mirror.streamId).catch(() => {});
  }

  function openOnce(streamId: string): Promise<Mirror | undefined> {
    const known = openings.get(streamId);
    if (known !== undefined) return known;
    const opening = open(streamId);
    openings.set(streamId, opening);
    const forget = (mirror?: Mirror): void => {
      if (mirror === undefined) openings.delete(streamId);
    };
    opening.then(forget, () => forget());
    return opening;
  }

  /** Disconnects the readers of one; when they reconnect they get it anew. */
  function cut(mirror: Mirror, failure?: Error): void {
    drop(mirror);
    mirror.cut(failure);
  }

  return {
    cut,
    read,
    announce,

    /** Those that are there now. */
    get all(): readonly Mirror[] {
      return [...mirrors.values()];
    },

    /** Undefined when Redis does not know the stream. It rejects when Redis is away. */
    async follow(
      streamId: string,
      after: number,
      reader: LogReader,
    ): Promise<Following | undefined> {
      const mirror = await openOnce(streamId);
      // A stream that was forgotten is forgotten, though it may be here still.
      if (mirror?.isClosed && (await store.readMeta(streamId)) === undefined) return undefined;
      return mirror?.follow(after, reader);
    },

    /** Drops those that have had no readers for a while: not at once, because readers reconnect. */
    dropIdle(): void {
      for (const [mirror, since] of idleSince) {
        if (now() - since >= options.idleMs) drop(mirror);
      }
    },

    /** Disconnects all readers, also those that are still being added. */
    close(): void {
      isShut = true;
      for (const mirror of mirrors.values()) cut(mirror);
    },
  };
}
