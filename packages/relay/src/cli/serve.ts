import { pino } from "pino";
import { resolveSettings, type RelayOptions } from "../configuration/options.ts";
import { createPinoObserver } from "../observe/pino-observer.ts";
import { createRelay } from "../relay.ts";
import { listenProblem } from "./listen-problem.ts";

/**
 * Runs a relay until SIGINT or SIGTERM; a second signal ends the process at once.
 *
 * @throws OptionsError listing everything that is wrong with `options`.
 * @throws Error saying what to change where it cannot listen.
 */
export async function serve(options: RelayOptions): Promise<void> {
  const settings = resolveSettings(options);
  const logger = pino({ base: null, level: settings.logLevel });
  const relay = createRelay({ ...options, observer: createPinoObserver(logger) });
  const { url } = await relay.listen().catch(async (failure: unknown) => {
    await relay.close();
    throw new Error(listenProblem(failure, settings), { cause: failure });
  });

  let isStopping = false;
  const stop = (signal: NodeJS.Signals, exitCode: number): void => {
    if (isStopping) process.exit(exitCode);
    isStopping = true;
    logger.info({ signal }, "stopping");
    relay.close().then(
      () => logger.info("stopped"),
      (failure: unknown) => {
        logger.fatal({ err: failure }, "not stopped as it should");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", (signal) => stop(signal, 130));
  process.on("SIGTERM", (signal) => stop(signal, 143));
  // Last: who waits for this line may stop the process with the next breath.
  logger.info({ url }, "listening");
}
