import { percentiles } from "../measuring.ts";
import { openConnection, type Target } from "./connection.ts";
import { countTokens } from "./token-scanner.ts";

export interface ExhaustOptions {
  readonly target: Target;
  /** At once; each connection asks again as soon as its answer has ended. */
  readonly streams: number;
  /** No connection asks again after that. */
  readonly durationMs: number;
  readonly tokensPerStream: number;
}

/** Reads answers to their ends, one after the other on each connection. */
export async function exhaust(options: ExhaustOptions) {
  const startedAt = performance.now();
  const deadline = startedAt + options.durationMs;
  const perConnection = await Promise.all(
    Array.from({ length: options.streams }, () => readUntil(deadline, options)),
  );
  const durations = perConnection.flat();
  return {
    answers: durations.length,
    tokens: durations.length * options.tokensPerStream,
    elapsedMs: performance.now() - startedAt,
    /** From asking for an answer to its end. */
    answerMs: percentiles(durations),
  };
}

/** Resolves with the milliseconds that each answer took. */
function readUntil(deadline: number, options: ExhaustOptions): Promise<number[]> {
  const { target, tokensPerStream } = options;
  return new Promise((resolve, reject) => {
    const durations: number[] = [];
    let tokens = 0;
    let askedAt = performance.now();
    const connection = openConnection(target, {
      onPiece(piece) {
        tokens += countTokens(piece);
      },
      onEnd() {
        const now = performance.now();
        durations.push(now - askedAt);
        if (tokens !== tokensPerStream) {
          connection.leave();
          reject(new Error(`An answer had ${tokens} tokens instead of ${tokensPerStream}.`));
        } else if (now >= deadline) {
          connection.leave();
          resolve(durations);
        } else {
          tokens = 0;
          askedAt = now;
          connection.ask();
        }
      },
      onProblem: reject,
    });
    connection.ask();
  });
}
