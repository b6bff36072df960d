import { monotonicMicroseconds } from "../measuring/clock.ts";
import { percentiles, type Percentiles } from "../measuring/statistics.ts";
import { openStreamConnection } from "./stream-connection.ts";
import type { Target } from "./target.ts";
import { countTokens } from "./token-scanner.ts";

export interface ExhaustOrder {
  readonly target: Target;
  /** At once; each connection asks again as soon as its answer has ended. */
  readonly streams: number;
  /** No connection asks again after that. */
  readonly durationMs: number;
  readonly tokensPerStream: number;
}

export interface Exhausted {
  readonly answers: number;
  readonly tokens: number;
  readonly elapsedMs: number;
  /** From asking for an answer to its end. */
  readonly answerMs: Percentiles;
}

/** Reads answers to their ends, one after the other on each connection. */
export async function exhaust(order: ExhaustOrder): Promise<Exhausted> {
  const startedAt = monotonicMicroseconds();
  const deadline = startedAt + order.durationMs * 1e3;
  const perConnection = await Promise.all(
    Array.from({ length: order.streams }, () => readUntil(order, deadline)),
  );
  const durations = perConnection.flat();
  return {
    answers: durations.length,
    tokens: durations.length * order.tokensPerStream,
    elapsedMs: (monotonicMicroseconds() - startedAt) / 1e3,
    answerMs: percentiles(durations),
  };
}

function readUntil(order: ExhaustOrder, deadline: number): Promise<number[]> {
  const { target, tokensPerStream } = order;
  return new Promise((resolve, reject) => {
    const durations: number[] = [];
    let tokens = 0;
    let askedAt = monotonicMicroseconds();
    const connection = openStreamConnection(target, {
      onPiece(piece) {
        tokens += countTokens(piece);
      },
      onEnd() {
        const now = monotonicMicroseconds();
        durations.push((now - askedAt) / 1e3);
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
