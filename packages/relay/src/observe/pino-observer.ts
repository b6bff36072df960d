import type { Logger } from "pino";
import type { RelayError } from "../errors.ts";
import type { Observer } from "./observer.ts";

/** Writes what happens as log lines: failures with their cause, each stream's life once. */
export function createPinoObserver(logger: Logger): Observer {
  return ({ type, ...event }) => {
    const error = "error" in event ? event.error : undefined;
    const fields = { ...event, ...(error === undefined ? {} : { error: errorFields(error) }) };
    const isFault = error?.code === "internal_error";
    if (isFault) logger.error(fields, type);
    else if (error !== undefined) logger.warn(fields, type);
    else if (type === "stream_ended") logger.info(fields, type);
    else logger.debug(fields, type);
  };
}

/** What an operator needs of a failure, with the reason that clients are not told. */
function errorFields(error: RelayError) {
  const { code, message, retryAfterMs, cause } = error;
  return {
    code,
    message,
    retryAfterMs,
    ...(cause instanceof Error ? { cause: causeFields(cause) } : {}),
  };
}

function causeFields(cause: Error) {
  const { name, message, stack, ...details } = cause;
  return { name, message, ...details, stack: stack?.split("\n").slice(1, 6).join("\n") };
}
