import { pino } from "pino";
import { createPinoObserver } from "../observe/pino-observer.ts";
import type { RelayOptions } from "../options.ts";
import { createRelay } from "../relay.ts";

/** Runs a relay until SIGINT or SIGTERM; a second signal ends the process at once. */
export async function serve(options: RelayOptions): Promise<void> {
  const logger = pino({ base: null });
  const relay = createRelay({ ...options, observer: createPinoObserver(logger) });
  const { url } = await relay.listen();
  logger.info({ url }, "listening");

  let isStopping = false;
  const stop = (signal: NodeJS.Signals, exitCode: number): void => {
    if (isStopping) process.exit(exitCode);
    isStopping = true;
    logger.info({ signal }, "stopping");
    void relay.close().then(() => logger.info("stopped"));
  };
  process.on("SIGINT", (signal) => stop(signal, 130));
  process.on("SIGTERM", (signal) => stop(signal, 143));
}
