import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMicroseconds } from "../measuring/clock.ts";
import { percentiles, type Percentiles } from "../measuring/statistics.ts";
import { openStreamConnection, type StreamConnection } from "./stream-connection.ts";
import type { Target } from "./target.ts";
import { createStampScanner } from "./token-scanner.ts";

export interface OpenOrder {
  readonly target: Target;
  readonly streams: number;
  /** Between the beginnings of two streams. */
  readonly staggerMs: number;
}

export interface Received {
  readonly tokens: number;
  /** From the gateway's sending to the reader's hearing. */
  readonly latencyMs: Percentiles;
}

/** Streams that stay open, until all their readers leave at once. */
export interface OpenStreams {
  /** Resolves when each has its first token, with the times from asking to that. */
  open(order: OpenOrder): Promise<Percentiles>;
  /** Opens streams and reads nothing but what comes in one turn. */
  openWithoutReading(order: Pick<OpenOrder, "target" | "streams">): Promise<void>;
  /** What comes in the meantime. */
  listen(durationMs: number): Promise<Received>;
  /** Closes all of them, and returns the time: monotonic microseconds. */
  leave(): number;
}

export function createOpenStreams(): OpenStreams {
  let connections: StreamConnection[] = [];
  let latencies: number[] | undefined;
  let problem: Error | undefined;

  function openOne(target: Target): Promise<number> {
    return new Promise((resolve, reject) => {
      const askedAt = monotonicMicroseconds();
      let isFirst = true;
      const scan = createStampScanner((sentAt) => {
        const now = monotonicMicroseconds();
        if (isFirst) resolve((now - askedAt) / 1e3);
        isFirst = false;
        latencies?.push((now - sentAt) / 1e3);
      });
      const connection = openStreamConnection(target, {
        onPiece: scan,
        onEnd() {
          problem ??= new Error("An endless answer ended.");
          reject(problem);
        },
        onProblem(cause) {
          problem ??= cause;
          reject(cause);
        },
      });
      connections.push(connection);
      connection.ask();
    });
  }

  return {
    async open({ target, streams, staggerMs }) {
      const firstTokens: Promise<number>[] = [];
      for (let opened = 0; opened < streams; opened += 1) {
        const firstToken = openOne(target);
        // Awaited below, when all have been asked for.
        firstToken.catch(() => {});
        firstTokens.push(firstToken);
        if (staggerMs > 0) await sleep(staggerMs);
        // Connections are accepted in turns: no backlog takes thousands at once.
        else if (opened % 100 === 99) await Promise.all(firstTokens);
      }
      return percentiles(await Promise.all(firstTokens));
    },
    async openWithoutReading({ target, streams }) {
      await Promise.all(
        Array.from(
          { length: streams },
          () =>
            new Promise<void>((resolve, reject) => {
              const connection = openStreamConnection(target, {
                onPiece() {
                  connection.pause();
                  resolve();
                },
                onEnd() {},
                onProblem: reject,
              });
              connections.push(connection);
              connection.ask();
            }),
        ),
      );
    },
    async listen(durationMs) {
      latencies = [];
      await sleep(durationMs);
      const received = latencies;
      latencies = undefined;
      if (problem !== undefined) throw problem;
      return { tokens: received.length, latencyMs: percentiles(received.filter(Number.isFinite)) };
    },
    leave() {
      const leftAt = monotonicMicroseconds();
      for (const connection of connections) connection.leave();
      connections = [];
      problem = undefined;
      return leftAt;
    },
  };
}
