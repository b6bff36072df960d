import type { WrittenEvent } from "@gatestream/protocol";
import { RelayError, drainingError } from "../errors.ts";
import type {
  LoggedStream,
  LogWriter,
  ResumableLog,
  StreamFacts,
  WriterListener,
} from "./event-log.ts";
import { createIdempotencyKeys } from "./idempotency-keys.ts";
import { KeptStream } from "./kept-stream.ts";
import { createRetention } from "./retention.ts";

export interface MemoryLogSettings {
  /**
   * What is kept of one stream, in bytes of Server-Sent Events: the newest events; a reader gets a
   * `gap` for the others.
   */
  readonly maxLogBytes: number;
  /**
   * What all streams together hold in memory, in bytes: the streams that ended first go first. While
   * running ones alone are more, no other begins.
   */
  readonly maxTotalLogBytes: number;
  /** Ended streams that are kept for each caller; the one that ended first goes. @defaultValue no limit */
  readonly maxKeptStreamsPerSubject?: number;
  /** How long a stream is kept after its terminal event, in milliseconds; reading renews nothing. */
  readonly retainClosedMs: number;
}

interface MemoryStream {
  readonly facts: StreamFacts;
  readonly kept: KeptStream;
  /** Until it has ended: whoever writes it holds all of its answer. */
  writer: WriterListener | undefined;
}

/** What a stream without any event holds in memory, measured. */
const streamBytes = 2_048;

/** The wait when the log is full: running streams end at any moment. */
const retryAfterMs = 1_000;

/**
 * A log in this process: readers may resume on this relay, until some time after the terminal event,
 * and for as long as the process lives. `now` is in milliseconds, of a clock that never goes back.
 */
export function createMemoryLog(
  settings: MemoryLogSettings,
  now = () => performance.now(),
): ResumableLog {
  const { maxLogBytes, maxTotalLogBytes, retainClosedMs } = settings;
  const { maxKeptStreamsPerSubject = Infinity } = settings;
  const streams = new Map<string, MemoryStream>();
  const keys = createIdempotencyKeys();
  // Closed streams, and keys of streams that were never opened.
  const retention = createRetention({ retainMs: retainClosedMs, now, onExpired: forget });
  /** The ended streams of each caller, the first that ended first. */
  const endedOf = new Map<string, Set<string>>();
  const streamsOf = new Map<string, Set<string>>();
  let totalBytes = 0;
  let isShut = false;

  function forget(streamId: string): void {
    const stream = streams.get(streamId);
    if (stream !== undefined) {
      totalBytes -= bytesOf(stream.facts) + stream.kept.heapBytes;
      removeFrom(endedOf, callerOf(stream), streamId);
      const { conversationId } = stream.facts;
      if (conversationId !== undefined) removeFrom(streamsOf, conversationId, streamId);
    }
    streams.delete(streamId);
    keys.forget(streamId);
    retention.delete(streamId);
  }

  function append(streamId: string, events: readonly WrittenEvent[]): void {
    const stream = streams.get(streamId);
    if (stream === undefined || stream.kept.isClosed) return;
    const before = stream.kept.heapBytes;
    stream.kept.append(events);
    totalBytes += stream.kept.heapBytes - before;
    if (stream.kept.isClosed) keepEnded(streamId, stream);
    makeRoom();
  }

  function keepEnded(streamId: string, stream: MemoryStream): void {
    stream.writer = undefined;
    retention.add(streamId);
    const ended = addTo(endedOf, callerOf(stream), streamId);
    const [first] = ended;
    if (first !== undefined && ended.size > maxKeptStreamsPerSubject) forget(first);
  }

  function makeRoom(): void {
    for (const closedId of retention.ids) {
      if (totalBytes <= maxTotalLogBytes) break;
      if (streams.has(closedId)) forget(closedId);
    }
  }

  function refuseWhenShut(): void {
    if (isShut) throw drainingError();
  }

  function refuseToOpen(streamId: string): void {
    refuseWhenShut();
    if (streams.has(streamId)) throw new Error("A stream has one writer: this id is taken.");
    if (totalBytes <= maxTotalLogBytes) return;
    // A stream that never begins cannot be joined.
    keys.forget(streamId);
    throw new RelayError(
      "overloaded",
      "The relay has no room to keep another answer for readers that resume; try again later.",
      { retryAfterMs },
    );
  }

  function find(streamId: string): LoggedStream | undefined {
    const stream = streams.get(streamId);
    if (stream === undefined) return undefined;
    const { caller: _, ...facts } = stream.facts;
    const { lastId, isClosed, reason } = stream.kept;
    return { ...facts, lastId, isClosed, reason };
  }

  return {
    isReady: true,
    isShared: false,
    async create(streamId, facts, writer): Promise<LogWriter> {
      refuseToOpen(streamId);
      const kept = new KeptStream({ maxBytes: maxLogBytes });
      streams.set(streamId, { facts, kept, writer });
      const { conversationId } = facts;
      if (conversationId !== undefined) addTo(streamsOf, conversationId, streamId);
      totalBytes += bytesOf(facts);
      makeRoom();
      retention.delete(streamId);
      return {
        isResumable: true,
        takesJson: true,
        append(events) {
          append(streamId, events);
          return true;
        },
        discard(terminal) {
          if (kept.readers === 0) forget(streamId);
          else append(streamId, [terminal]);
        },
      };
    },
    async follow(streamId, after, reader) {
      return streams.get(streamId)?.kept.follow(after, reader);
    },
    find: async (streamId) => find(streamId),
    async findByConversation(conversationId) {
      return [...(streamsOf.get(conversationId) ?? [])].flatMap((streamId) => {
        const found = find(streamId);
        return found === undefined ? [] : [{ ...found, streamId }];
      });
    },
    async claim(key, streamId) {
      refuseWhenShut();
      const holder = keys.claim(key, streamId);
      if (holder === streamId && !streams.has(streamId)) retention.add(streamId);
      return holder;
    },
    async release(key) {
      keys.release(key);
    },
    async cancel(streamId) {
      const stream = streams.get(streamId);
      if (stream === undefined || stream.kept.isClosed) return;
      const { writer } = stream;
      append(streamId, [{ type: "stop", reason: "cancelled" }]);
      writer?.onClosed();
    },
    async hasReadersElsewhere() {
      return false;
    },
    async close() {
      isShut = true;
      for (const { kept, writer } of streams.values()) {
        kept.endReaders();
        if (!kept.isClosed) writer?.onClosed(drainingError());
      }
      streams.clear();
      endedOf.clear();
      streamsOf.clear();
      keys.clear();
      retention.clear();
    },
  };
}

/** What a stream holds in memory besides its events. */
function bytesOf({ metadata }: StreamFacts): number {
  let bytes = streamBytes;
  if (metadata === undefined) return bytes;
  for (const [name, value] of Object.entries(metadata)) bytes += 2 * (name.length + value.length);
  return bytes;
}

function callerOf({ facts }: MemoryStream): string {
  return facts.caller ?? facts.subject;
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set.add(value));
  return set;
}

function removeFrom(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
