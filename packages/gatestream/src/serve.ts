import cluster from "node:cluster";
import { createPinoObserver } from "@gatestream/relay";
import { assembleRelay, packageVersion } from "@gatestream/relay/command";
import { createMetrics } from "@gatestream/relay-metrics";
import { openTelemetry } from "@gatestream/relay-opentelemetry";
import { pino, type Logger } from "pino";
import { drainOnFault } from "./drain-on-fault.ts";
import { listenProblem } from "./listen-problem.ts";
import { logStart } from "./log-start.ts";
import {
  resolveCommandSettings,
  type CommandOptions,
  type CommandSettings,
} from "./settings/command-settings.ts";
import { onStopSignals } from "./stop-signals.ts";
import { serveAsWorker } from "./workers/serve-as-worker.ts";
import { serveByWorkers } from "./workers/serve-by-workers.ts";

/**
 * Runs a relay, or as many as `workers` says, until SIGINT or SIGTERM; a second signal ends the
 * process at once.
 *
 * @param environmentFile The names of the variables that a `.env` file has set, if one was read.
 * @throws OptionsError listing everything that is wrong with `options`.
 * @throws Error saying what to change where it cannot listen.
 */
export async function serve(
  options: CommandOptions,
  environmentFile?: readonly string[],
): Promise<void> {
  const settings = resolveCommandSettings(options);
  const { worker } = cluster;
  // A host that runs programs in node:cluster makes a worker of a relay that has none.
  if (settings.workers > 1 && worker !== undefined) {
    await serveAsWorker(options, settings, worker);
    return;
  }
  const logger = pino({ base: null, level: settings.logLevel });
  logStart(logger, { options, settings, environmentFile });
  if (settings.workers > 1) await serveByWorkers(settings, logger);
  else await serveAlone(options, settings, logger);
}

async function serveAlone(
  options: CommandOptions,
  settings: CommandSettings,
  logger: Logger,
): Promise<void> {
  const observed = {
    ...options,
    observer: createPinoObserver(logger),
    startTrace: openTelemetry(),
  };
  const relay = assembleRelay(observed, settings, createMetrics({ version: packageVersion() }));
  const { url } = await relay.listen().catch(async (failure: unknown) => {
    await relay.close();
    throw new Error(listenProblem(failure, settings), { cause: failure });
  });
  drainOnFault(logger, onStopSignals({ logger, stop: relay.close }));
  // Last: who waits for this line may stop the process with the next breath.
  logger.info({ url }, "listening");
}
