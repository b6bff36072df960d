import cluster, { type Worker } from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createAggregateMetrics, type MetricsSource } from "./aggregate-metrics.ts";
import { answerQuestions, askOther, type Message, notify } from "./channel.ts";

/** Shorter than what a worker grants us for the metrics of all. */
const valuesLimitMs = 2_000;

/** A worker that lived that long did not end because of how it began. */
const soundLifeMs = 60_000;

/**
 * How long a worker that ended waits to be started again, in milliseconds, when that many before it
 * lived for less than a minute.
 */
export function restartDelayMs(shortLives: number): number {
  return Math.min(30_000, 100 * 2 ** shortLives);
}

/** How a worker ended. */
interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it could not start, when it reported a reason. */
  readonly problem?: string;
}

/** A worker as the first process sees it. */
interface ForkedWorker extends MetricsSource {
  readonly process: Worker;
  readonly pid: number | undefined;
  readonly startedAt: number;
  /** Where it listens, as soon as it does; rejects, with what to change, when it cannot. */
  readonly listening: Promise<string>;
  readonly ended: Promise<WorkerEnd>;
  isListening: boolean;
  hasEnded: boolean;
}

/** Starts this program once more, with the same arguments and environment. */
function forkWorker(slot: number): ForkedWorker {
  const worker = cluster.fork();
  worker.setMaxListeners(0);
  const { pid } = worker.process;
  let problem: string | undefined;
  const ended = new Promise<WorkerEnd>((resolve) => {
    const onEnd = (exitCode: number | null, signal: string | null): void => {
      forked.isListening = false;
      forked.hasEnded = true;
      resolve({ exitCode, signal, ...(problem === undefined ? {} : { problem }) });
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
      forked.isListening = true;
      resolve(message.url);
    });
    ended.then(({ exitCode, signal }) => {
      const how = problem ?? `A worker ended with ${exitCode ?? signal} before it listened.`;
      reject(new Error(how));
    }, reject);
  });
  // Without a caller the rejection is reported by `ended`.
  listening.catch(() => {});
  const forked: ForkedWorker = {
    slot,
    pid,
    process: worker,
    startedAt: performance.now(),
    listening,
    ended,
    isListening: false,
    hasEnded: false,
    askForValues: () => askOther(worker, valuesLimitMs),
  };
  return forked;
}

/** Starts, replaces and stops the `count` workers of one command; `logger` gets their starts and ends. */
export function createSupervisor(count: number, logger: Logger) {
  const metrics = createAggregateMetrics(count);
  const running = new Set<ForkedWorker>();
  const slots: Promise<boolean>[] = [];
  const stopping = new AbortController();

  function begin(slot: number): ForkedWorker {
    const worker = forkWorker(slot);
    running.add(worker);
    answerQuestions(worker.process, () =>
      metrics.text([...running].filter((each) => each.isListening)),
    );
    worker.listening.then(
      () => logger.info({ worker: worker.process.id, pid: worker.pid }, "worker started"),
      () => {},
    );
    return worker;
  }

  /** Runs one worker after the other. Resolves to whether the last one ended as it should. */
  async function fillSlot(first: ForkedWorker): Promise<boolean> {
    let worker = first;
    for (let shortLives = 0; ; shortLives += 1) {
      const end = await worker.ended;
      running.delete(worker);
      metrics.forget(worker);
      const fields = { worker: worker.process.id, pid: worker.pid, ...end };
      const neverListened = await worker.listening.then(
        () => false,
        () => true,
      );
      // The start fails with it and reports the reason; at a stop there was nothing to lose.
      if (neverListened && worker === first) return true;
      if (stopping.signal.aborted) {
        logger.info(fields, "worker ended");
        return end.exitCode === 0 || neverListened;
      }
      if (performance.now() - worker.startedAt >= soundLifeMs) shortLives = 0;
      const restartInMs = restartDelayMs(shortLives);
      logger.error({ ...fields, restartInMs }, "worker ended");
      await sleep(restartInMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return true;
      worker = begin(worker.slot);
    }
  }

  function addSlot(): ForkedWorker {
    const worker = begin(slots.length);
    slots.push(fillSlot(worker));
    return worker;
  }

  /** Ends all of them now. */
  function kill(): void {
    for (const worker of running) worker.process.process.kill("SIGKILL");
  }

  return {
    /**
     * Resolves to the address when all of them listen, or to nothing when they were stopped before.
     * From then on workers that end are replaced.
     *
     * @throws Error saying what to change where one cannot begin; none is left then.
     */
    async start(): Promise<string | undefined> {
      try {
        // One alone: where the port cannot be had, one message is enough.
        const url = await addSlot().listening;
        const others = [];
        while (slots.length < count && !stopping.signal.aborted) others.push(addSlot());
        await Promise.all(others.map((worker) => worker.listening));
        return stopping.signal.aborted ? undefined : url;
      } catch (failure) {
        if (stopping.signal.aborted) return undefined;
        stopping.abort();
        kill();
        metrics.close();
        throw failure;
      }
    },

    /** Lets what runs end. Resolves when every worker has ended: to whether all did so as they should. */
    async stop(): Promise<boolean> {
      stopping.abort();
      for (const worker of running) {
        // Before it listens it does not hear us either.
        worker.listening.then(
          () => notify(worker.process, { type: "stop" }),
          () => {},
        );
      }
      const areSound = await Promise.all(slots);
      metrics.close();
      return !areSound.includes(false);
    },
    kill,
  };
}
