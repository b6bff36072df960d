import cluster from "node:cluster";
import type { RelaySettings } from "@gatestream/relay";
import type { Logger } from "pino";
import { onStopSignals } from "../stop-signals.ts";
import { createCrew } from "./crew.ts";

/**
 * Has several processes of this program share the port until SIGINT or SIGTERM; a second signal ends
 * them all at once. The calling process takes no requests: it hands connections to the others in
 * turn, and replaces who ends.
 *
 * @throws Error saying what to change where they cannot listen.
 */
export async function serveByWorkers({ workers }: RelaySettings, logger: Logger): Promise<void> {
  // An environment variable of Node could say otherwise.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const crew = createCrew(workers, logger);
  onStopSignals({
    logger,
    async stop() {
      if (!(await crew.stop())) process.exitCode = 1;
    },
    endNow: crew.kill,
  });
  const url = await crew.start();
  if (url !== undefined) logger.info({ url, workers }, "listening");
}
