import type { FollowOptions, LogBatch } from "../event-log.ts";
import { Mirror } from "./mirror.ts";
import { entriesAtOnce, type StreamStore } from "./stream-store.ts";

export interface MirrorsOptions {
  readonly store: StreamStore;
  readonly maxLogBytes: number;
  /** How long a mirror stays without readers, in milliseconds. */
  readonly idleMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** There is a mirror to fill from now on. */
  readonly onOpened: (mirror: Mirror) => void;
  /** There is one less. */
  readonly onDropped: (mirror: Mirror) => void;
}

/** The streams of other relays that are followed here: one mirror each, however many follow it. */
export type Mirrors = ReturnType<typeof createMirrors>;

export function createMirrors({ store, now, ...options }: MirrorsOptions) {
  /** Also those that are being opened, so that all who come meanwhile get the same. */
  const openings = new Map<string, Promise<Mirror | undefined>>();
  const mirrors = new Set<Mirror>();
  const idleSince = new Map<Mirror, number>();
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
    if (meta.closedBy === "") await store.announceReaders(streamId);
    await fill(mirror);
    if (isShut) {
      mirror.cut();
      return mirror;
    }
    mirrors.add(mirror);
    idleSince.set(mirror, now());
    if (!mirror.isClosed) options.onOpened(mirror);
    return mirror;
  }

  async function fill(mirror: Mirror): Promise<void> {
    for (;;) {
      const entries = await store.readAfter(mirror.streamId, mirror.place);
      mirror.take(entries);
      if (entries.length < entriesAtOnce) return;
    }
  }

  function setReaders(mirror: Mirror, count: number): void {
    if (!mirrors.has(mirror)) return;
    const wasIdle = idleSince.delete(mirror);
    if (count === 0) idleSince.set(mirror, now());
    // Without it they are announced with the next beat.
    else if (wasIdle && !mirror.isClosed) store.announceReaders(mirror.streamId).catch(() => {});
  }

  function drop(mirror: Mirror): void {
    if (!mirrors.delete(mirror)) return;
    idleSince.delete(mirror);
    openings.delete(mirror.streamId);
    options.onDropped(mirror);
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

  /** Cuts the readers of one off; whoever comes back gets it anew. */
  function cut(mirror: Mirror, failure?: Error): void {
    drop(mirror);
    mirror.cut(failure);
  }

  return {
    cut,

    /** Those that are there now. */
    get all(): readonly Mirror[] {
      return [...mirrors];
    },

    /** Undefined when Redis does not know the stream. It rejects when Redis is away. */
    async follow(
      streamId: string,
      followOptions: FollowOptions,
    ): Promise<AsyncIterable<LogBatch> | undefined> {
      const mirror = await openOnce(streamId);
      // A stream that was forgotten is forgotten, though it may be here still.
      if (mirror?.isClosed && (await store.readMeta(streamId)) === undefined) return undefined;
      return mirror?.follow(followOptions);
    },

    /** Drops those that nobody has followed for a while: not at once, for readers come back. */
    dropIdle(): void {
      for (const [mirror, since] of idleSince) {
        if (now() - since >= options.idleMs) drop(mirror);
      }
    },

    /** Lets all readers go, also those who are on the way. */
    close(): void {
      isShut = true;
      for (const mirror of mirrors) cut(mirror);
    },
  };
}
