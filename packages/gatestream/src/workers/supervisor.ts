import { setTimeout } from "node:timers/promises";
import type { Logger } from "pino";
import { forkWorker, type ForkedWorker } from "./forked-worker.ts";
import { createAggregateMetrics } from "./aggregate-metrics.ts";
import { restartDelayMs, soundLifeMs } from "./restart-delay.ts";

/** Starts, replaces and stops the workers of one command. */
export interface Supervisor {
  /**
   * Resolves to the address when all of them listen, or to nothing when they were stopped before.
   * From then on workers that end are replaced.
   *
   * @throws Error saying what to change where one cannot begin; none is left then.
   */
  start(): Promise<string | undefined>;
  /** Lets what runs end. Resolves when every worker has ended: to whether all did so as they should. */
  stop(): Promise<boolean>;
  /** Ends all of them now. */
  kill(): void;
}

/** Creates `count` workers; `logger` gets their starts and ends. */
export function createSupervisor(count: number, logger: Logger): Supervisor {
  const metrics = createAggregateMetrics(count);
  const running = new Set<ForkedWorker>();
  const slots: Promise<boolean>[] = [];
  const stopping = new AbortController();

  function begin(slot: number): ForkedWorker {
    const metricsText = () => metrics.text([...running].filter((each) => each.isListening));
    const worker = forkWorker(slot, metricsText);
    const { id, pid } = worker;
    running.add(worker);
    worker.listening.then(
      () => logger.info({ worker: id, pid }, "worker started"),
      () => {},
    );
    return worker;
  }

  /** Runs one worker after the other. Resolves to whether the last one ended as it should. */
  async function fillSlot(first: ForkedWorker): Promise<boolean> {
    let worker = first;
    for (let shortLives = 0; ; shortLives += 1) {
      const { lifeMs, ...end } = await worker.ended;
      running.delete(worker);
      metrics.forget(worker);
      const fields = { worker: worker.id, pid: worker.pid, ...end };
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
      if (lifeMs >= soundLifeMs) shortLives = 0;
      const restartInMs = restartDelayMs(shortLives);
      logger.error({ ...fields, restartInMs }, "worker ended");
      await setTimeout(restartInMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return true;
      worker = begin(worker.slot);
    }
  }

  function addSlot(): ForkedWorker {
    const worker = begin(slots.length);
    slots.push(fillSlot(worker));
    return worker;
  }

  function kill(): void {
    for (const worker of running) worker.kill();
  }

  return {
    async start() {
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
    async stop() {
      stopping.abort();
      for (const worker of running) worker.stop();
      const areSound = await Promise.all(slots);
      metrics.close();
      return !areSound.includes(false);
    },
    kill,
  };
}
