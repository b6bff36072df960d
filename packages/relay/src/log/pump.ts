import { isTerminal, type StreamEvent, type TerminalEvent } from "@gatestream/protocol";
import { RelayError } from "../errors.ts";
import type { LogWriter } from "./event-log.ts";

export interface PumpOptions {
  /** Nothing is appended after it is aborted, even by a provider that does not look at it. */
  readonly signal: AbortSignal;
  /** What a failure is called in the log. */
  readonly terminalFor: (failure: unknown) => TerminalEvent;
  /** Sees each batch before it is appended. */
  readonly onBatch: (events: readonly StreamEvent[]) => void;
}

/**
 * Moves an answer into the log as fast as the log takes it: whatever happens to the answer, exactly
 * one terminal event is appended, last. It rejects only when the log itself fails.
 */
export async function pump(
  answer: Promise<AsyncIterable<readonly StreamEvent[]>>,
  writer: LogWriter,
  options: PumpOptions,
): Promise<void> {
  let terminal: TerminalEvent;
  try {
    for await (const events of await answer) {
      options.signal.throwIfAborted();
      options.onBatch(events);
      const full = writer.append(events);
      if (full !== undefined) await full;
      const last = events.at(-1);
      if (last !== undefined && isTerminal(last)) return;
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
