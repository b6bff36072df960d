import cluster from "node:cluster";
import { pino } from "pino";
import { resolveSettings, type RelayOptions } from "../configuration/options.ts";
import type { RelaySettings } from "../configuration/settings.ts";
import { createPinoObserver } from "../observe/pino-observer.ts";
import { createRelay } from "../relay.ts";
import { listenProblem } from "./listen-problem.ts";
import { onStopSignals } from "./stop-signals.ts";
import { serveAsWorker } from "./workers/serve-as-worker.ts";
import { serveByWorkers } from "./workers/serve-by-workers.ts";

/**
 * Runs a relay, or as many as `workers` says, until SIGINT or SIGTERM; a second signal ends the
 * process at once.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 * @throws Error saying what to change where it cannot listen.
 */
export async function serve(options: RelayOptions): Promise<void> {
  const settings = resolveSettings(options);
  const { worker } = cluster;
  // A host that runs programs in node:cluster makes a worker of a relay that has none.
  if (settings.workers === 1) await serveAlone(options, settings);
  else if (worker === undefined) await serveByWorkers(settings);
  else await serveAsWorker(options, settings, worker);
}

async function serveAlone(options: RelayOptions, settings: RelaySettings): Promise<void> {
  const logger = pino({ base: null, level: settings.logLevel });
  const relay = createRelay({ ...options, observer: createPinoObserver(logger) });
  const { url } = await relay.listen().catch(async (failure: unknown) => {
    await relay.close();
    throw new Error(listenProblem(failure, settings), { cause: failure });
  });
  onStopSignals({ logger, stop: relay.close });
  // Last: who waits for this line may stop the process with the next breath.
  logger.info({ url }, "listening");
}
