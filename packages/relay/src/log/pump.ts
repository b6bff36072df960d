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
  { signal, terminalFor, onBatch }: PumpOptions,
): Promise<void> {
  let hasTerminal = false;
  let appending: Promise<void> | undefined;

  async function move(): Promise<void> {
    for await (const events of await answer) {
      signal.throwIfAborted();
      const count = writableCount(events);
      const writable = count === events.length ? events : events.slice(0, count);
      onBatch(writable);
      appending = writer.append(writable);
      if (appending !== undefined) await appending;
      const last = writable.at(-1);
      hasTerminal = last !== undefined && isTerminal(last);
      if (hasTerminal) return;
      if (count < events.length) {
        throw new TypeError("The provider's event cannot be sent as JSON.");
      }
    }
    throw new RelayError("gateway_protocol_error", "The answer ended without a terminal event.");
  }

  // One race for the whole answer: one for each batch would cost as much as the batch.
  let giveUp: (reason: unknown) => void = () => {};
  const ignoredAbort = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  let timer: NodeJS.Timeout | undefined;
  function onAbort(): void {
    timer = setTimeout(() => {
      // If the log fails, `move` says so.
      Promise.resolve(appending).then(
        () => giveUp(signal.reason),
        () => {},
      );
    }, abortTimeoutMs);
  }
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });

  let terminal: TerminalEvent;
  try {
    return await Promise.race([move(), ignoredAbort]);
  } catch (failure) {
    // What a provider throws after its own terminal event changes nothing.
    if (hasTerminal) return;
    terminal = terminalFor(failure);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
  onBatch([terminal]);
  await writer.append([terminal]);
}
