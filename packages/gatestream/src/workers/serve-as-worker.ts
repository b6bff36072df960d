import type { Worker } from "node:cluster";
import { assembleRelay, packageVersion } from "@gatestream/relay/command";
import { createMetrics } from "@gatestream/relay-metrics";
import { openTelemetry } from "@gatestream/relay-opentelemetry";
import { pino } from "pino";
import {
  shareOfWorker,
  type CommandOptions,
  type CommandSettings,
} from "../settings/command-settings.ts";
import { auditOf } from "../audit.ts";
import { listenProblem } from "../listen-problem.ts";
import { createPinoObserver } from "../pino-observer.ts";
import { createStopping, stopOnFault } from "../stopping.ts";
import { answerQuestions, askOther, type Message, notify } from "./channel.ts";

/** Shorter than what scrapers usually wait. */
const metricsLimitMs = 5_000;

/**
 * Runs one of the relays that share the port, until the first process stops it or is gone. `worker`
 * is the calling process as node:cluster knows it, and its channel to the first one.
 */
export async function serveAsWorker(
  options: CommandOptions,
  settings: CommandSettings,
  worker: Worker,
): Promise<void> {
  // The first process passes its own on; a terminal sends Ctrl-C to all of them by itself.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  // "disconnect" reports that the first process is gone.
  worker.on("error", () => {});
  const logger = pino({ base: { worker: worker.id }, level: settings.logLevel });
  const metrics = createMetrics({ version: packageVersion });
  worker.setMaxListeners(0);
  answerQuestions(worker, metrics.values);
  const text = (): Promise<string> => askOther(worker, metricsLimitMs);
  const audit = auditOf(settings);
  const own = {
    ...options,
    observer: createPinoObserver(logger),
    startTrace: openTelemetry(),
    ...(audit && { audit }),
  };
  const relay = assembleRelay(own, shareOfWorker(settings), { ...metrics, text });
  try {
    const { url } = await relay.listen();
    notify(worker, { type: "listening", url });
  } catch (failure) {
    await relay.close();
    notify(worker, { type: "failed", problem: listenProblem(failure, settings) });
    process.exitCode = 1;
    worker.disconnect();
    return;
  }

  const stopping = createStopping(logger, async () => {
    await relay.close();
    // Otherwise the channel would hold the process.
    worker.disconnect();
  });
  worker.once("disconnect", () => {
    // Otherwise node:cluster ends the process, and its streams with it.
    worker.exitedAfterDisconnect = true;
    if (stopping.isStopping) return;
    logger.error("stopping: the first process is gone");
    stopping.stop();
  });
  worker.on("message", ({ type }: Message) => {
    if (type === "stop") stopping.stop();
  });
  stopOnFault(logger, stopping);
}
