import type { Logger } from "pino";

export interface StopSignalsOptions {
  readonly logger: Logger;
  /** What the first signal asks for; the process ends with 1 where it fails. */
  readonly stop: () => Promise<void>;
  /** What has to be done before the second signal ends the process. @defaultValue nothing */
  readonly endNow?: () => void;
}

/** Stops with the first SIGINT or SIGTERM; the second ends the process at once. */
export function onStopSignals({ logger, stop, endNow }: StopSignalsOptions): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals, exitCode: number): void => {
    if (isStopping) {
      endNow?.();
      process.exit(exitCode);
    }
    isStopping = true;
    logger.info({ signal }, "stopping");
    stop().then(
      () => logger.info("stopped"),
      (failure: unknown) => {
        logger.fatal({ err: failure }, "not stopped as it should");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", (signal) => onSignal(signal, 130));
  process.on("SIGTERM", (signal) => onSignal(signal, 143));
}
