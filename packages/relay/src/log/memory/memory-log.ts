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
   * What is kept of all streams together, in bytes of JSON: the streams that ended first go first.
   * While running ones alone are more, no other begins.
   */
  readonly maxTotalLogBytes: number;
  /** How long a stream is kept after its terminal event, in milliseconds; reading renews nothing. */
  readonly retainClosedMs: number;
}

interface KeptStream {
  readonly facts: StreamFacts;
  readonly events: StreamLog;
  /** Aborted when it ends by another hand than its writer's. */
  readonly closing: AbortController;
}

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
  const streams = new Map<string, KeptStream>();
  const claims = createClaims();
  // Closed streams, and claims of streams that were never opened.
  const retention = createRetention({ retainMs: retainClosedMs, now, onExpired: forget });
  let totalBytes = 0;
  let isShut = false;

  function forget(streamId: string): void {
    totalBytes -= streams.get(streamId)?.events.bytes ?? 0;
    streams.delete(streamId);
    claims.forget(streamId);
    retention.delete(streamId);
  }

  function append(streamId: string, events: readonly StreamEvent[]): void {
    const stream = streams.get(streamId)?.events;
    if (stream === undefined || stream.isClosed) return;
    totalBytes -= stream.bytes;
    stream.append(events);
    totalBytes += stream.bytes;
    if (stream.isClosed) retention.add(streamId);
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
      retention.delete(streamId);
      return {
        isResumable: true,
        closed: closing.signal,
        append: (events) => void append(streamId, events),
      };
    },
    async follow(streamId, options) {
      return streams.get(streamId)?.events.follow(options);
    },
    async find(streamId) {
      const stream = streams.get(streamId);
      if (stream === undefined) return undefined;
      const { lastId, isClosed } = stream.events;
      return { ...stream.facts, lastId, isClosed };
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
      claims.clear();
      retention.clear();
    },
  };
}

function draining(): RelayError {
  return new RelayError("relay_draining", "The relay is shutting down.");
}
