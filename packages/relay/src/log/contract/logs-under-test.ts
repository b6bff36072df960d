import { randomUUID } from "node:crypto";
import { isNotice, type StreamEvent, type TerminalEvent } from "@gatestream/protocol";
import { assert, onTestFinished } from "vitest";
import { pulled } from "../../testing/pulled.ts";
import type {
  Following,
  LogReader,
  LogWriter,
  ResumableLog,
  WriterListener,
} from "../event-log.ts";
import type { LogBatch } from "../log-batch.ts";

export interface LogLimits {
  readonly maxLogBytes: number;
  readonly retainClosedMs: number;
}

/** Two ends of one log: what is written here is read here and there. One that is alone is both. */
export interface ConnectedLogs {
  readonly here: ResumableLog;
  readonly there: ResumableLog;
}

/** The contract closes both when a test is over. */
export type MakeLogs = (limits: LogLimits) => Promise<ConnectedLogs>;

export type End = keyof ConnectedLogs;
export const ends: readonly End[] = ["here", "there"];

/** Limits that no test reaches which does not ask for them. */
const ample: LogLimits = { maxLogBytes: 1_048_576, retainClosedMs: 600_000 };

export async function openLogs(
  makeLogs: MakeLogs,
  limits: Partial<LogLimits> = {},
): Promise<ConnectedLogs> {
  const logs = await makeLogs({ ...ample, ...limits });
  onTestFinished(async () => {
    await logs.here.close();
    await logs.there.close();
  });
  return logs;
}

export interface OpenedStream extends ConnectedLogs {
  readonly streamId: string;
  readonly writer: LogWriter;
  /** Aborted when the log is closed by another hand. */
  readonly closed: AbortSignal;
}

/** A new stream that is written here. */
export async function openStream(logs: ConnectedLogs): Promise<OpenedStream> {
  const streamId = randomUUID();
  const closing = new AbortController();
  const writer = await logs.here.create(streamId, { subject: "ada" }, listenerOf(closing));
  return { ...logs, streamId, writer, closed: closing.signal };
}

/** The listener of a writer that aborts `closing` when its log is closed by another hand. */
export function listenerOf(closing = new AbortController()): WriterListener {
  return { onRoom() {}, onClosed: (reason) => closing.abort(reason) };
}

export const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
export const queued = (position: number): StreamEvent => ({ type: "queued", position });
export const warning: StreamEvent = { type: "warning", code: "malformed_line" };
export const stop: StreamEvent = { type: "stop", reason: "stop" };
export const cancelled: TerminalEvent = { type: "stop", reason: "cancelled" };

/** Appends each of `batches`. */
export async function write(
  writer: LogWriter,
  ...batches: readonly (readonly StreamEvent[])[]
): Promise<void> {
  for (const events of batches) writer.append(events);
}

/** An event, with the id that a reader would send back. */
export interface ReadEvent {
  readonly id: number | undefined;
  readonly event: StreamEvent;
}

/** Events with their ids, the first numbered one with `firstId`. */
export function numbered(events: readonly StreamEvent[], firstId = 1): ReadEvent[] {
  let nextId = firstId;
  return events.map((event) => {
    if (isNotice(event)) return { id: undefined, event };
    nextId += 1;
    return { id: nextId - 1, event };
  });
}

/** What comes after the event of this id; everything after 0. */
export function after(id: number, events: readonly ReadEvent[]): readonly ReadEvent[] {
  return events.slice(events.findIndex((each) => each.id === id) + 1);
}

export const idsOf = (events: readonly ReadEvent[]): readonly number[] =>
  events.flatMap(({ id }) => id ?? []);

export interface FollowOptions {
  /** @defaultValue 0 */
  readonly after?: number;
  /** Aborted when the reader leaves. */
  readonly signal?: AbortSignal;
  /** Whether it takes what comes as it comes, instead of when it is asked for. */
  readonly isEager?: boolean;
}

/** What a log pushes to a reader, batch by batch. */
export function batchesOf(
  open: (reader: LogReader) => Following,
  { signal, isEager = false }: FollowOptions = {},
): AsyncIterableIterator<LogBatch, undefined> {
  const batches = pulled<LogBatch>((push) => open({ write: push.item, end: push.end }), {
    isEager,
  });
  signal?.addEventListener("abort", () => void batches.return?.(), { once: true });
  if (signal?.aborted) void batches.return?.();
  return batches;
}

/** Undefined for a stream that is unknown. */
export async function tryToFollow(
  log: ResumableLog,
  streamId: string,
  options: FollowOptions = {},
): Promise<AsyncIterableIterator<LogBatch, undefined> | undefined> {
  let opening: Promise<Following | undefined> | undefined;
  let following: Following | undefined;
  const batches = batchesOf((reader) => {
    opening = log.follow(streamId, options.after ?? 0, reader);
    return { resume: () => following?.resume(), close: () => following?.close() };
  }, options);
  following = await opening;
  if (options.signal?.aborted) following?.close();
  return following && batches;
}

export async function follow(
  log: ResumableLog,
  streamId: string,
  options: FollowOptions = {},
): Promise<AsyncIterableIterator<LogBatch, undefined>> {
  const batches = await tryToFollow(log, streamId, options);
  assert(batches !== undefined, "the stream is known");
  return batches;
}

/** Reads `count` events or a few more: the rest of their batch. Fewer when there are no more. */
export async function take(
  batches: AsyncIterator<LogBatch>,
  count = Infinity,
): Promise<readonly ReadEvent[]> {
  const read: ReadEvent[] = [];
  let dueId: number | undefined;
  while (read.length < count) {
    const next = await batches.next();
    if (next.done) break;
    const { firstId, events } = next.value;
    assert(events.length > 0, "a batch holds something");
    assert(events[0]?.type === "gap" || firstId === (dueId ?? firstId), "ids go on");
    const ids = numbered(events, firstId);
    dueId = (idsOf(ids).at(-1) ?? firstId - 1) + 1;
    read.push(...ids);
  }
  return read;
}

/** All of a stream from a cursor to its end. */
export async function readAll(log: ResumableLog, streamId: string, cursor = 0) {
  return take(await follow(log, streamId, { after: cursor }));
}
