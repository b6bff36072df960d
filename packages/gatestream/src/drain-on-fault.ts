import type { Logger } from "pino";

/**
 * The last resort for a fault of the program: logs it, lets running streams end, and has the process
 * exit with 1. Without it one unhandled rejection would cut every stream off at once.
 */
export function drainOnFault(logger: Logger, stop: () => void): void {
  let isStopping = false;
  const onFault = (failure: unknown): void => {
    logger.fatal({ err: failure }, "unexpected fault: stopping");
    process.exitCode = 1;
    if (isStopping) return;
    isStopping = true;
    stop();
  };
  // With --unhandled-rejections=strict a rejection is an uncaught exception first.
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
}
