import cluster from "node:cluster";
import type { MetricValues } from "@gatestream/relay-metrics";
import { notify, type Message } from "./message.ts";
import type { MetricsSource } from "./aggregate-metrics.ts";
import { createIpcRequest } from "./ipc.ts";

/** Shorter than what a worker grants us for the metrics of all. */
const valuesLimitMs = 2_000;

/** How a worker ended. */
export interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** How long it lived, in milliseconds. */
  readonly lifeMs: number;
  /** Why it could not start, when it reported a reason. */
  readonly problem?: string;
}

/** A worker as the first process sees it. */
export interface ForkedWorker extends MetricsSource {
  readonly id: number;
  readonly pid: number | undefined;
  /** Where it listens, as soon as it does; rejects, with what to change, when it cannot. */
  readonly listening: Promise<string>;
  readonly ended: Promise<WorkerEnd>;
  readonly isListening: boolean;
  /** Has it end when what runs has ended. */
  stop(): void;
  /** Ends it now. */
  kill(): void;
}

/** Starts this program once more, with the same arguments and environment. */
export function forkWorker(slot: number, metricsText: () => Promise<string>): ForkedWorker {
  const startedAt = performance.now();
  const worker = cluster.fork();
  const { id } = worker;
  const { pid } = worker.process;
  let isListening = false;
  let problem: string | undefined;
  let end: WorkerEnd | undefined;

  const ended = new Promise<WorkerEnd>((resolve) => {
    const onEnd = (exitCode: number | null, signal: string | null): void => {
      isListening = false;
      const lifeMs = performance.now() - startedAt;
      end = { exitCode, signal, lifeMs, ...(problem === undefined ? {} : { problem }) };
      resolve(end);
    };
    worker.once("exit", onEnd);
    worker.on("error", (failure: Error) => {
      // When it has died, "exit" follows. A process that never started does not exit.
      if (pid !== undefined) return;
      problem = failure.message;
      onEnd(null, null);
    });
  });
  const listening = new Promise<string>((resolve, reject) => {
    worker.on("message", (message: Message) => {
      if (message.type === "failed") problem = message.problem;
      if (message.type !== "listening") return;
      isListening = true;
      resolve(message.url);
    });
    ended.then(({ exitCode, signal }) => {
      const how = problem ?? `A worker ended with ${exitCode ?? signal} before it listened.`;
      reject(new Error(how));
    }, reject);
  });
  // Without a caller the rejection is reported by `ended`.
  listening.catch(() => {});

  return {
    id,
    slot,
    pid,
    listening,
    ended,
    get isListening() {
      return isListening;
    },
    get hasEnded() {
      return end !== undefined;
    },
    askForValues: createIpcRequest<MetricValues>(worker, {
      answer: metricsText,
      limitMs: valuesLimitMs,
    }),
    stop() {
      // Before that it does not listen to us either.
      listening.then(
        () => notify(worker, { type: "stop" }),
        () => {},
      );
    },
    kill: () => void worker.process.kill("SIGKILL"),
  };
}
