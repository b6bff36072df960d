import type { Logger } from "pino";

export interface StopSignalsOptions {
  readonly logger: Logger;
  /** What the first signal asks for; the process ends with 1 where it fails. */
  readonly stop: () => Promise<void>;
  /** What has to be done before the second signal ends the process. @defaultValue nothing */
  readonly endNow?: () => void;
}

/**
 * Stops with the first SIGINT or SIGTERM; the second ends the process at once. The returned function
 * stops without a signal.
 */
export function onStopSignals({ logger, stop, endNow }: StopSignalsOptions): () => void {
  let isStopping = false;
  const stopOnce = (): void => {
    if (isStopping) return;
    isStopping = true;
    stop().then(
      () => logger.info("stopped"),
      (failure: unknown) => {
        logger.fatal({ err: failure }, "not stopped as it should");
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals, exitCode: number): void => {
    if (isStopping) {
      endNow?.();
      process.exit(exitCode);
    }
    logger.info({ signal }, "stopping");
    stopOnce();
  };
  process.on("SIGINT", (signal) => onSignal(signal, 130));
  process.on("SIGTERM", (signal) => onSignal(signal, 143));
  return stopOnce;
}
