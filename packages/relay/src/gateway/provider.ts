import { type StreamEvent, type StreamRequest, isTerminal } from "@gatestream/protocol";
import type { Observer } from "../observe/observer.ts";

/** Receives an answer. Nothing is taken after the terminal event or `end`. */
export interface AnswerSink {
  /** The upstream has accepted the request. Called before the first event. */
  accepted(): void;
  /**
   * The answer continues without this process, and `Provider.reattach` finds it by `handle`. Called
   * before the first event.
   */
  reattachable?(handle: string): void;
  /**
   * Takes every event that arrived together; a terminal event is the last. False: the readers' buffers are
   * full, and no more events may come until {@link AnswerFlow.resume}.
   */
  events(batch: readonly StreamEvent[]): boolean;
  /**
   * Nothing more comes: after a terminal event, or because of `failure`, such as a `RelayError`. Without
   * both the answer ends as `gateway_protocol_error`.
   */
  end(failure?: unknown): void;
}

/** An answer that is requested or received. */
export interface AnswerFlow {
  /** The reader can take more data. */
  resume(): void;
  /** The answer is no longer needed: its resources are released. */
  cancel(reason: unknown): void;
}

/** An answer that is pulled: each item holds every event that arrived together. */
export type Answer = AsyncIterable<readonly StreamEvent[]>;

export interface ProviderContext {
  /** Aborted when the answer is no longer needed, in any phase. */
  readonly signal: AbortSignal;
  /** What logs call the stream: of an anonymous caller's not its id, which is a secret. */
  readonly streamId: string;
  /** The subject of the caller: pending subjects are served in turns. */
  readonly subject: string;
  /** Gets the position in the queue whenever it changes: 1 is next, 0 is its turn. */
  readonly onPosition: (position: number) => void;
  /** Gets what happens to the request. */
  readonly observe: Observer;
  /** The trace that the answer belongs to: `traceparent` and `tracestate`, where there is one. */
  readonly traceHeaders: Readonly<Record<string, string>>;
}

/** What one try of {@link Provider.check} came to. */
export interface Finding {
  /** What was tried, as an operator knows it: `gateway https://api.mypurecloud.de/…`. */
  readonly what: string;
  /** With a warning the relay works, but perhaps not as it was meant to. */
  readonly outcome: "ok" | "warning" | "failed";
  /** How it went; of anything but `ok`, what is wrong and what to change. Holds no secret. */
  readonly message: string;
}

/** An upstream that answers conversations. */
export interface Provider {
  /** What operators see in logs. */
  readonly name: string;
  /**
   * Asks the upstream, and pushes the answer into `sink`. A provider may instead return a promise of an
   * answer to pull, such as an async generator: it resolves once the upstream has accepted, and rejects
   * with a `RelayError` when it refuses. The relay does not read `request.messages` afterwards: a
   * provider that has sent them may empty the array, so that the memory is free while the answer
   * streams.
   */
  open(
    request: StreamRequest,
    context: ProviderContext,
    sink: AnswerSink,
  ): AnswerFlow | Promise<Answer>;
  /**
   * Asks for an answer again whose relay has died, and pushes it from its start: the same events in the
   * same order.
   *
   * @param handle What the answer's provider gave to `AnswerSink.reattachable`.
   * @defaultValue such an answer ends with `producer_lost`
   */
  reattach?(handle: string, context: ProviderContext, sink: AnswerSink): AnswerFlow;
  /**
   * Tries whether it could ask, without asking anything that costs: for `gatestream check`. Each
   * try is given up after ten seconds, and the signal aborted.
   *
   * @defaultValue nothing is tried
   */
  check?(signal: AbortSignal): AsyncIterable<Finding>;
  /** Closes connections. Answers that still run fail. */
  close(): Promise<void>;
}

/** Pushes an answer that is pulled. */
export function pushAnswer(answer: Promise<Answer>, sink: AnswerSink): AnswerFlow {
  let isCancelled = false;
  let onRoom = (): void => {};

  async function run(): Promise<void> {
    const batches = await answer;
    sink.accepted();
    for await (const events of batches) {
      if (isCancelled) return;
      const count = writableCount(events);
      const hasRoom = sink.events(count === events.length ? events : events.slice(0, count));
      // Taking them may have ended the stream: then there is no room to wait for.
      if (isCancelled || events.slice(0, count).some(isTerminal)) return;
      if (count < events.length) throw unwritable();
      if (hasRoom) continue;
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    }
  }

  run().then(
    () => sink.end(),
    (failure: unknown) => sink.end(failure),
  );
  return {
    resume: () => onRoom(),
    cancel() {
      isCancelled = true;
      onRoom();
    },
  };
}

/** JSON.stringify overflows the stack some thousand levels deep. */
const maxDepth = 256;

/** How many events from the first on can be written as JSON, up to the terminal event. */
export function writableCount(events: readonly StreamEvent[]): number {
  let count = 0;
  for (const event of events) {
    if (typeof event !== "object" || event === null || !isWritable(event, maxDepth)) break;
    count += 1;
    if (isTerminal(event)) break;
  }
  return count;
}

function isWritable(value: unknown, depth: number): boolean {
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const inner of Object.values(value)) if (!isWritable(inner, depth - 1)) return false;
  return true;
}

/**
 * A provider that the host wrote. What it pushes is checked as what is pulled is, and a flow that
 * throws harms nothing but its own answer.
 */
export function guardProvider(provider: Provider): Provider {
  const { reattach } = provider;
  return {
    name: provider.name,
    open: (request, context, sink) =>
      guardFlow(sink, (guarded) => provider.open(request, context, guarded)),
    ...(reattach && {
      reattach: (handle, context, sink) =>
        guardFlow(sink, (guarded) => reattach.call(provider, handle, context, guarded)),
    }),
    close: () => provider.close(),
  };
}

function guardFlow<Opened extends AnswerFlow | Promise<Answer>>(
  sink: AnswerSink,
  open: (sink: AnswerSink) => Opened,
): Opened | AnswerFlow {
  let flow: AnswerFlow | undefined;
  let isBroken = false;
  const cancel = (reason: unknown): void => {
    try {
      flow?.cancel(reason);
    } catch {
      // Nobody waits for the answer any more.
    }
  };
  const fail = (failure: unknown): void => {
    isBroken = true;
    sink.end(failure);
    cancel(failure);
  };
  const opened = open({
    accepted: () => sink.accepted(),
    reattachable: (handle) => sink.reattachable?.(handle),
    events(batch) {
      if (isBroken) return true;
      try {
        const count = writableCount(batch);
        const hasRoom = count === 0 || sink.events(batch.slice(0, count));
        if (count === batch.length || batch.slice(0, count).some(isTerminal)) return hasRoom;
        throw unwritable();
      } catch (failure) {
        fail(failure);
        return true;
      }
    },
    end: (failure) => sink.end(failure),
  });
  if ("then" in opened) return opened;
  flow = opened;
  if (isBroken) cancel(unwritable());
  return {
    resume() {
      try {
        opened.resume();
      } catch (failure) {
        fail(failure);
      }
    },
    cancel,
  };
}

function unwritable(): TypeError {
  return new TypeError("The provider's event cannot be sent as JSON.");
}
