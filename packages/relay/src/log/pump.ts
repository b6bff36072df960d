import { isTerminal, type StreamEvent, type TerminalEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { LogWriter } from "./event-log.ts";
import { writableCount } from "./writable-events.ts";

export interface PumpOptions {
  /** Nothing is appended after it is aborted, even by a provider that ignores it. */
  readonly signal: AbortSignal;
  /** The terminal event for a failure. */
  readonly terminalFor: (failure: unknown) => TerminalEvent;
  /** Sees each batch before it is appended. */
  readonly onBatch: (events: readonly StreamEvent[]) => void;
}

type Batches = AsyncIterable<readonly StreamEvent[]>;

/** How long a provider may take to end its answer once the signal is aborted. */
const abortTimeoutMs = 1_000;

/**
 * Moves an answer into the log as fast as the log takes it: whatever happens to the answer, exactly
 * one terminal event is appended, last. It rejects only when the log itself fails.
 */
export async function pump(
  answer: Promise<Batches>,
  writer: LogWriter,
  options: PumpOptions,
): Promise<void> {
  let terminal: TerminalEvent;
  try {
    for await (const events of abortable(answer, options.signal)) {
      options.signal.throwIfAborted();
      const count = writableCount(events);
      const writable = count === events.length ? events : events.slice(0, count);
      options.onBatch(writable);
      const full = writer.append(writable);
      if (full !== undefined) await full;
      const last = writable.at(-1);
      if (last !== undefined && isTerminal(last)) return;
      if (count < events.length)
        throw new TypeError("The provider's event cannot be sent as JSON.");
    }
    terminal = options.terminalFor(
      new RelayError("gateway_protocol_error", "The answer ended without a terminal event."),
    );
  } catch (failure) {
    terminal = options.terminalFor(failure);
  }
  options.onBatch([terminal]);
  await writer.append([terminal]);
}

/** The batches of `answer`; a provider that ignores the aborted signal is left after a while. */
async function* abortable(answer: Promise<Batches>, signal: AbortSignal): Batches {
  // One listener for the whole answer: one for each batch would cost as much as the batch.
  let giveUp: (reason: unknown) => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => giveUp(signal.reason), abortTimeoutMs);
  };
  const orGivenUp = <Value>(promise: Promise<Value>): Promise<Value> =>
    new Promise((resolve, reject) => {
      giveUp = reject;
      promise.then(resolve, reject);
    });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  let batches: AsyncIterator<readonly StreamEvent[]> | undefined;
  try {
    batches = (await orGivenUp(answer))[Symbol.asyncIterator]();
    for (;;) {
      const next = await orGivenUp(batches.next());
      if (next.done) {
        batches = undefined;
        return;
      }
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    const left = batches?.return?.();
    // Where the signal is aborted, a provider that ignores it would never be done.
    if (signal.aborted) left?.catch(() => {});
    else await left;
  }
}
