import { randomUUID } from "node:crypto";
import {
  createRetention,
  RelayError,
  type StreamFacts,
  type WriterListener,
} from "@gatestream/relay/parts";
import type { LogState, StreamStore, WrittenFacts } from "./stream-store.ts";
import { WrittenStream } from "./written-stream.ts";

export interface WrittenStreamsOptions {
  readonly store: StreamStore;
  readonly maxLogBytes: number;
  readonly retainClosedMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
  /** The callers' keys that stand for a stream. */
  readonly keysOf: (streamId: string) => readonly string[];
  /** A stream is no longer held here. */
  readonly onOver: (streamId: string) => void;
  /** Whether another relay may have ended streams of this one, without this one knowing so. */
  readonly mayBeEndedElsewhere: () => boolean;
  /** How a call to Redis went: why not, or undefined. */
  readonly onCalled: (failure?: unknown) => void;
}

/** The streams that this relay writes, until Redis has all of them. */
export type WrittenStreams = ReturnType<typeof createWrittenStreams>;

export function createWrittenStreams(options: WrittenStreamsOptions) {
  const { store, maxLogBytes, retainClosedMs, now } = options;
  const streams = new Map<string, WrittenStream>();
  /** When the time to live of a stream in Redis was last renewed. */
  const renewedAt = new Map<string, number>();
  // Streams whose end Redis has not received.
  const ended = createRetention({
    retainMs: retainClosedMs,
    now,
    onExpired: (streamId) => streams.get(streamId)?.forget(),
  });
  let isShut = false;

  function drop(streamId: string): void {
    streams.delete(streamId);
    renewedAt.delete(streamId);
    ended.delete(streamId);
    options.onOver(streamId);
  }

  async function send(
    facts: Omit<WrittenFacts, "claims">,
    ...[after, entries]: Parameters<ConstructorParameters<typeof WrittenStream>[0]["send"]>
  ): Promise<LogState> {
    const { streamId } = facts;
    try {
      const claims = options.keysOf(streamId);
      const state = await store.append({ ...facts, claims }, after, entries);
      if (streams.has(streamId)) renewedAt.set(streamId, now());
      options.onCalled();
      return state;
    } catch (failure) {
      options.onCalled(failure);
      throw failure;
    }
  }

  return {
    get(streamId: string): WrittenStream | undefined {
      return streams.get(streamId);
    },

    /** @throws Error when the stream's id is taken. */
    async create(
      streamId: string,
      given: StreamFacts,
      { onClosed }: WriterListener,
    ): Promise<WrittenStream> {
      if (isShut) throw draining();
      if (streams.has(streamId)) throw taken();
      const facts = { ...given, streamId, writerId: randomUUID() };
      const stream = new WrittenStream({
        streamId,
        subject: given.subject,
        maxLogBytes,
        onClosed,
        send: (after, entries) => send(facts, after, entries),
        discard: () => store.discard(streamId),
        mayBeEndedElsewhere: options.mayBeEndedElsewhere,
        onEnded: () => ended.add(streamId),
        onOver: () => drop(streamId),
      });
      streams.set(streamId, stream);
      await stream.synchronize();
      if (stream.isTaken) throw taken();
      return stream;
    },

    /** Keeps those from expiring that have not been written for a while; `all` after Redis was away. */
    renew(all: boolean): void {
      for (const [streamId, stream] of streams) {
        const isDue = now() - (renewedAt.get(streamId) ?? 0) > store.openMs / 3;
        if (all || isDue || !stream.isResumable) void stream.synchronize();
      }
    },

    /** Redis is away. */
    lose(): void {
      for (const stream of streams.values()) stream.lose();
    },

    /** Sends what is unsent, for so long at most; then nothing more is written or read here. */
    async close(flushMs: number): Promise<void> {
      isShut = true;
      let timer: NodeJS.Timeout | undefined;
      const inTime = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, flushMs);
      });
      const sent = Promise.all([...streams.values()].map((stream) => stream.synchronize()));
      await Promise.race([sent, inTime]);
      clearTimeout(timer);
      for (const stream of streams.values()) stream.abandon(draining());
      ended.clear();
    },
  };
}

function draining(): RelayError {
  return new RelayError("relay_draining", "The relay is shutting down.");
}

function taken(): Error {
  return new Error("A stream has one writer: this id is taken.");
}
