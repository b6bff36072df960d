import type { StreamEvent } from "@gatestream/protocol";
import { RelayError } from "../../errors.ts";
import type { LogWriter, ResumableLog, StreamFacts } from "../event-log.ts";
import { createClaims } from "./claims.ts";
import { createRetention } from "./retention.ts";
import { StreamLog } from "./stream-log.ts";

export interface MemoryLogSettings {
  /** What is kept of one stream, in bytes of JSON: the newest events; readers are told of a gap. */
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

interface KeptStream {
  readonly facts: StreamFacts;
  readonly events: StreamLog;
  /** Aborted when it ends by another hand than its writer's. */
  readonly closing: AbortController;
}

/** What a stream without any event holds in memory, measured. */
const streamBytes = 2_048;

/** A wait for room: running streams end at any moment. */
const retryAfterMs = 1_000;

/**
 * A log in this process: readers may come back to this relay, until some time after the terminal
 * event, and for as long as the process lives. `now` is in milliseconds, of a clock that never
 * goes back.
 */
export function createMemoryLog(
  settings: MemoryLogSettings,
  now = () => performance.now(),
): ResumableLog {
  const { maxLogBytes, maxTotalLogBytes, retainClosedMs } = settings;
  const { maxKeptStreamsPerSubject = Infinity } = settings;
  const streams = new Map<string, KeptStream>();
  const claims = createClaims();
  // Closed streams, and claims of streams that were never opened.
  const retention = createRetention({ retainMs: retainClosedMs, now, onExpired: forget });
  /** The ended streams of each caller, the first that ended first. */
  const endedOf = new Map<string, Set<string>>();
  let totalBytes = 0;
  let isShut = false;

  function forget(streamId: string): void {
    const stream = streams.get(streamId);
    if (stream !== undefined) {
      totalBytes -= streamBytes + stream.events.heapBytes;
      const ended = endedOf.get(callerOf(stream));
      ended?.delete(streamId);
      if (ended?.size === 0) endedOf.delete(callerOf(stream));
    }
    streams.delete(streamId);
    claims.forget(streamId);
    retention.delete(streamId);
  }

  function append(streamId: string, events: readonly StreamEvent[]): void {
    const stream = streams.get(streamId);
    if (stream === undefined || stream.events.isClosed) return;
    const before = stream.events.heapBytes;
    stream.events.append(events);
    totalBytes += stream.events.heapBytes - before;
    if (stream.events.isClosed) keepEnded(streamId, stream);
    makeRoom();
  }

  function keepEnded(streamId: string, stream: KeptStream): void {
    retention.add(streamId);
    const ended = endedOf.get(callerOf(stream)) ?? new Set();
    endedOf.set(callerOf(stream), ended.add(streamId));
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
    if (isShut) throw draining();
  }

  function refuseToOpen(streamId: string): void {
    refuseWhenShut();
    if (streams.has(streamId)) throw new Error("A stream has one writer: this id is taken.");
    if (totalBytes <= maxTotalLogBytes) return;
    // Nobody can join a stream that never begins.
    claims.forget(streamId);
    throw new RelayError(
      "overloaded",
      "The relay has no room to keep another answer for readers that come back; try again later.",
      { retryAfterMs },
    );
  }

  return {
    isReady: true,
    isShared: false,
    async create(streamId, facts): Promise<LogWriter> {
      refuseToOpen(streamId);
      const closing = new AbortController();
      streams.set(streamId, { facts, events: new StreamLog({ maxBytes: maxLogBytes }), closing });
      totalBytes += streamBytes;
      makeRoom();
      retention.delete(streamId);
      return {
        isResumable: true,
        closed: closing.signal,
        append: (events) => void append(streamId, events),
        discard(terminal) {
          if (streams.get(streamId)?.events.readers === 0) forget(streamId);
          else append(streamId, [terminal]);
        },
      };
    },
    async follow(streamId, options) {
      return streams.get(streamId)?.events.follow(options);
    },
    async find(streamId) {
      const stream = streams.get(streamId);
      if (stream === undefined) return undefined;
      const { lastId, isClosed } = stream.events;
      return { subject: stream.facts.subject, lastId, isClosed };
    },
    async claim(key, streamId) {
      refuseWhenShut();
      const holder = claims.claim(key, streamId);
      if (holder === streamId && !streams.has(streamId)) retention.add(streamId);
      return holder;
    },
    async release(key) {
      claims.release(key);
    },
    async cancel(streamId) {
      const stream = streams.get(streamId);
      if (stream === undefined || stream.events.isClosed) return;
      append(streamId, [{ type: "stop", reason: "cancelled" }]);
      stream.closing.abort();
    },
    async hasReadersElsewhere() {
      return false;
    },
    async close() {
      isShut = true;
      for (const { events, closing } of streams.values()) {
        events.endFollowers();
        if (!events.isClosed) closing.abort(draining());
      }
      streams.clear();
      endedOf.clear();
      claims.clear();
      retention.clear();
    },
  };
}

function callerOf({ facts }: KeptStream): string {
  return facts.caller ?? facts.subject;
}

function draining(): RelayError {
  return new RelayError("relay_draining", "The relay is shutting down.");
}
