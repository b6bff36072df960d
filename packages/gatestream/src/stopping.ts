import type { Logger } from "pino";

/** How a process stops: once, whoever asks for it. */
export interface Stopping {
  readonly isStopping: boolean;
  stop(): void;
}

/** Stops with `stop`; where that fails, the process ends with 1. */
export function createStopping(logger: Logger, stop: () => Promise<void>): Stopping {
  let isStopping = false;
  return {
    get isStopping() {
      return isStopping;
    },
    stop() {
      if (isStopping) return;
      isStopping = true;
      stop().catch((failure: unknown) => {
        logger.fatal({ err: failure }, "not stopped as it should");
        process.exit(1);
      });
    },
  };
}

/** Stops with the first SIGINT or SIGTERM; the second ends the process at once, after `endNow`. */
export function stopOnSignals(logger: Logger, stopping: Stopping, endNow = (): void => {}): void {
  const onSignal = (signal: NodeJS.Signals, exitCode: number): void => {
    if (stopping.isStopping) {
      endNow();
      process.exit(exitCode);
    }
    logger.info({ signal }, "stopping");
    stopping.stop();
  };
  process.on("SIGINT", (signal) => onSignal(signal, 130));
  process.on("SIGTERM", (signal) => onSignal(signal, 143));
}

/**
 * The last resort for a fault of the program: logs it, lets running streams end, and has the process
 * exit with 1. Without it one unhandled rejection would cut every stream off at once.
 */
export function stopOnFault(logger: Logger, stopping: Stopping): void {
  const onFault = (failure: unknown): void => {
    logger.fatal({ err: failure }, "unexpected fault: stopping");
    process.exitCode = 1;
    stopping.stop();
  };
  // With --unhandled-rejections=strict a rejection is an uncaught exception first.
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
}
