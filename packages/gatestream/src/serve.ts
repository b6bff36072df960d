import cluster from "node:cluster";
import {
  assembleRelay,
  environmentFindings,
  genesysUrls,
  packageVersion,
  upstreamTables,
} from "@gatestream/relay/command";
import { createMetrics } from "@gatestream/relay-metrics";
import { openTelemetry } from "@gatestream/relay-opentelemetry";
import { pino, type Logger } from "pino";
import { auditOf } from "./audit.ts";
import { listenProblem } from "./listen-problem.ts";
import { createPinoObserver } from "./pino-observer.ts";
import {
  resolveCommandSettings,
  type CommandOptions,
  type CommandSettings,
} from "./settings/command-settings.ts";
import { createStopping, stopOnFault, stopOnSignals } from "./stopping.ts";
import { serveAsWorker } from "./workers/serve-as-worker.ts";
import { createSupervisor } from "./workers/supervisor.ts";

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
  if (environmentFile !== undefined) {
    logger.info({ file: ".env", variables: environmentFile }, "environment file read");
  }
  logStart(logger, options, settings);
  if (settings.workers > 1) await serveByWorkers(settings, logger);
  else await serveAlone(options, settings, logger);
}

async function serveAlone(
  options: CommandOptions,
  settings: CommandSettings,
  logger: Logger,
): Promise<void> {
  const audit = auditOf(settings);
  const observed = {
    ...options,
    observer: createPinoObserver(logger),
    startTrace: openTelemetry(),
    ...(audit && { audit }),
  };
  const relay = assembleRelay(observed, settings, createMetrics({ version: packageVersion }));
  const { url } = await relay.listen().catch(async (failure: unknown) => {
    await relay.close();
    throw new Error(listenProblem(failure, settings), { cause: failure });
  });
  const stopping = createStopping(logger, async () => {
    await relay.close();
    logger.info("stopped");
  });
  stopOnSignals(logger, stopping);
  stopOnFault(logger, stopping);
  // Last: who waits for this line may stop the process with the next breath.
  logger.info({ url }, "listening");
}

/**
 * Has several processes of this program share the port until SIGINT or SIGTERM; a second signal ends
 * them all at once. The calling process takes no requests: it hands connections to the others in
 * turn, and replaces who ends.
 *
 * @throws Error saying what to change where they cannot listen.
 */
async function serveByWorkers({ workers }: CommandSettings, logger: Logger): Promise<void> {
  // An environment variable of Node could say otherwise.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const supervisor = createSupervisor(workers, logger);
  const stopping = createStopping(logger, async () => {
    if (!(await supervisor.stop())) process.exitCode = 1;
    logger.info("stopped");
  });
  stopOnSignals(logger, stopping, supervisor.kill);
  const url = await supervisor.start();
  if (url !== undefined) logger.info({ url, workers }, "listening");
}

/** Logs what a relay is about to run with, without secrets. */
function logStart(logger: Logger, options: CommandOptions, settings: CommandSettings): void {
  const warning = options[environmentFindings]?.warning;
  if (warning !== undefined) logger.warn(warning);
  const { auth, resume, allowedOrigins, redisUrl } = settings;
  const facts = {
    version: packageVersion,
    gateway: gatewayOf(options),
    auth: options.authenticate === undefined ? auth || "none" : "authenticate",
    resume: options.log === undefined ? resume : "log",
    allowedOrigins,
    redis: redisUrl === "" ? undefined : new URL(redisUrl).host,
  };
  logger.info(facts, "starting");
}

/** Which upstream, and where it is; not what stands in front of a host, which may be a password. */
function gatewayOf({
  genesys,
  openai,
  openaiResponses,
  anthropic,
  provider,
}: CommandOptions): string {
  if (provider !== undefined) return provider.name;
  if (genesys !== undefined) return `genesys ${genesysUrls(genesys).chat.host}`;
  if (openai !== undefined) return `openai ${new URL(openai.baseUrl).host}`;
  if (openaiResponses !== undefined) {
    return `openai-responses ${new URL(openaiResponses.baseUrl).host}`;
  }
  const { baseUrl = upstreamTables.anthropic.baseUrl.default } = anthropic;
  return `anthropic ${new URL(baseUrl).host}`;
}
