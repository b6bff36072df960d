import { setTimeout as sleep } from "node:timers/promises";
import { percentiles, type Percentiles } from "../measuring.ts";
import { openConnection, type Connection, type Target } from "./connection.ts";
import { createStampScanner } from "./token-scanner.ts";

export interface OpenOptions {
  readonly target: Target;
  readonly streams: number;
  /** Between the beginnings of two streams. */
  readonly staggerMs: number;
}

/** Streams that stay open, until all their readers leave at once. */
export function createOpenStreams() {
  let connections: Connection[] = [];
  let latencies: number[] | undefined;
  let problem: Error | undefined;

  /** Resolves with the milliseconds from connecting to the first token. */
  function openOne(target: Target): Promise<number> {
    return new Promise((resolve, reject) => {
      const askedAt = performance.now();
      let isFirst = true;
      const scan = createStampScanner((sentAtMs) => {
        const now = performance.now();
        if (isFirst) resolve(now - askedAt);
        isFirst = false;
        latencies?.push(now - sentAtMs);
      });
      const fail = (cause: Error): void => {
        problem ??= cause;
        reject(cause);
      };
      const connection = openConnection(target, {
        onPiece: scan,
        onEnd: () => fail(new Error("An endless answer ended.")),
        onProblem: fail,
      });
      connections.push(connection);
      connection.ask();
    });
  }

  function openOneWithoutReading(target: Target): Promise<void> {
    return new Promise((resolve, reject) => {
      const connection = openConnection(target, {
        onPiece() {
          connection.pause();
          resolve();
        },
        onEnd() {},
        onProblem: reject,
      });
      connections.push(connection);
      connection.ask();
    });
  }

  return {
    /** Resolves when each has its first token, with the times from asking to that. */
    async open({ target, streams, staggerMs }: OpenOptions): Promise<Percentiles> {
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
    /** Opens streams and reads nothing but what comes in one turn. */
    async openWithoutReading(options: Pick<OpenOptions, "target" | "streams">): Promise<void> {
      const { target, streams } = options;
      await Promise.all(Array.from({ length: streams }, () => openOneWithoutReading(target)));
    },
    /** What comes in the meantime; latency is from the gateway's write to the reader's read. */
    async listen(durationMs: number) {
      latencies = [];
      await sleep(durationMs);
      const received = latencies;
      latencies = undefined;
      if (problem !== undefined) throw problem;
      return { tokens: received.length, latencyMs: percentiles(received.filter(Number.isFinite)) };
    },
    /** Closes all of them. */
    leave(): void {
      for (const connection of connections) connection.leave();
      connections = [];
      problem = undefined;
    },
  };
}
