import cluster from "node:cluster";
import type { Logger } from "pino";
import type { CommandSettings } from "../settings/command-settings.ts";
import { onStopSignals } from "../stop-signals.ts";
import { createSupervisor } from "./supervisor.ts";

/**
 * Has several processes of this program share the port until SIGINT or SIGTERM; a second signal ends
 * them all at once. The calling process takes no requests: it hands connections to the others in
 * turn, and replaces who ends.
 *
 * @throws Error saying what to change where they cannot listen.
 */
export async function serveByWorkers({ workers }: CommandSettings, logger: Logger): Promise<void> {
  // An environment variable of Node could say otherwise.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const supervisor = createSupervisor(workers, logger);
  onStopSignals({
    logger,
    async stop() {
      if (!(await supervisor.stop())) process.exitCode = 1;
    },
    endNow: supervisor.kill,
  });
  const url = await supervisor.start();
  if (url !== undefined) logger.info({ url, workers }, "listening");
}
