/** `@gatestream/client/testing`: for the tests of those who use the client. */
import { isNoticeType, type KnownEvent } from "@gatestream/protocol";
import { isStreamError, StreamError } from "../../stream-error.ts";
import type { Connection, FollowTarget, StartTarget, Transport } from "../transport.ts";

/** A piece of the answer's text, or any event. */
export type TestEvent =
  | string
  | KnownEvent
  | { readonly type: string; readonly [field: string]: unknown };

/**
 * What an answer is made of: a list, or a function that is called for each start, an async generator
 * say. `start` is sent first where it is missing, and `stop` last. What the function throws fails the
 * answer: a `StreamError` as it is, before the first event as a refusal; all else as a lost connection.
 */
export type TestAnswer =
  | readonly TestEvent[]
  | ((request: StartTarget["request"]) => Iterable<TestEvent> | AsyncIterable<TestEvent>);

export interface TestTransportOptions {
  /** Whether an answer that is left, or whose connection is lost, can be resumed. @defaultValue false */
  readonly resumable?: boolean | undefined;
}

/** A transport without a network, and what was asked of it. */
export interface TestTransport extends Transport {
  /** What was started, in order. */
  readonly requests: readonly StartTarget["request"][];
  /** The ids of streams that were cancelled, in order. */
  readonly cancelled: readonly string[];
}

/** One answer: its events so far, and the generator of the next ones. */
interface Running {
  readonly events: AsyncIterator<TestEvent> | Iterator<TestEvent>;
  /** Numbered events, the first with id 1. */
  readonly log: KnownEvent[];
  /** Set while somebody is waiting for the next event of `events`. */
  pending: Promise<void> | undefined;
  isOver: boolean;
  failure?: unknown;
}

/**
 * Answers every start from a test: nothing is sent, and no server is needed.
 *
 * @example
 * ```ts
 * const transport = createTestTransport(["Hel", "lo"]);
 * const client = createClient({ transport });
 * const { text } = await client.stream(request).result();
 * ```
 */
export function createTestTransport(
  answer: TestAnswer,
  { resumable = false }: TestTransportOptions = {},
): TestTransport {
  const requests: StartTarget["request"][] = [];
  const cancelled: string[] = [];
  const streams = new Map<string, Running>();

  function begin(request: StartTarget["request"]): string {
    requests.push(request);
    const given = typeof answer === "function" ? answer(request) : answer;
    const streamId = `test-${requests.length}`;
    const events =
      Symbol.asyncIterator in given ? given[Symbol.asyncIterator]() : given[Symbol.iterator]();
    streams.set(streamId, { events, log: [], pending: undefined, isOver: false });
    return streamId;
  }

  /** Adds the next event to the log; notices are passed to the reader. */
  async function advance(stream: Running, onNotice: (notice: KnownEvent) => void): Promise<void> {
    let next: IteratorResult<TestEvent>;
    try {
      next = await stream.events.next();
    } catch (failure) {
      stream.isOver = true;
      stream.failure = failure;
      return;
    }
    const event = next.done ? { type: "stop", reason: "stop" } : next.value;
    const whole = (
      typeof event === "string"
        ? { type: "token", content: event, index: stream.log.length }
        : event
    ) as KnownEvent;
    if (isNoticeType(whole.type)) onNotice(whole);
    else stream.log.push(whole);
    stream.isOver ||= whole.type === "stop" || whole.type === "error";
  }

  /** Not awaited: a generator that waits for ever is left only when it has waited. */
  function leave({ events }: Running): void {
    Promise.resolve(events.return?.()).catch(() => {});
  }

  async function read(
    streamId: string,
    after: number,
    { signal, onEvent, onActivity }: Connection,
  ): Promise<void> {
    const stream = streams.get(streamId);
    if (stream === undefined) {
      throw new StreamError("stream_not_found", "The stream is unknown.", { status: 404 });
    }
    let position = after;
    let hasStarted = false;
    const left = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const send = (event: KnownEvent, id?: number): boolean => {
      onActivity();
      if (!hasStarted && event.type !== "start") {
        hasStarted = true;
        const heartbeatMs = 15_000;
        const resumableForMs = resumable ? 300_000 : 0;
        if (onEvent({ type: "start", streamId, resumable, resumableForMs, heartbeatMs }, undefined))
          return true;
      }
      hasStarted = true;
      return onEvent(event, id);
    };
    try {
      while (!signal.aborted) {
        const event = stream.log[position];
        if (event !== undefined) {
          position += 1;
          if (send(event, position)) return;
        } else if (stream.isOver) {
          const { failure } = stream;
          if (isStreamError(failure)) throw failure;
          throw new StreamError("truncated", "The test ended the connection.", { cause: failure });
        } else {
          stream.pending ??= advance(stream, send).finally(() => {
            stream.pending = undefined;
          });
          await Promise.race([stream.pending, left]);
        }
      }
    } finally {
      if (!resumable) leave(stream);
    }
  }

  return {
    requests,
    cancelled,
    async open(target: StartTarget | FollowTarget, connection) {
      if ("streamId" in target) await read(target.streamId, target.after, connection);
      else if (!connection.isUnwanted()) await read(begin(target.request), 0, connection);
    },
    async cancel(streamId) {
      cancelled.push(streamId);
      const stream = streams.get(streamId);
      if (stream === undefined || stream.isOver) return;
      stream.isOver = true;
      stream.log.push({ type: "stop", reason: "cancelled" });
      leave(stream);
    },
  };
}
