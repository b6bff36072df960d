import type { Observer, ObserverEvent, RelayError } from "@gatestream/relay";

type Fields = Readonly<Record<string, unknown>>;

/** What the observer needs of a logger of pino. */
export interface PinoLogger extends Record<Level, (fields: Fields, message: string) => void> {
  isLevelEnabled(level: Level): boolean;
}

type Level = "error" | "warn" | "info" | "debug";

/**
 * Writes what happens as log lines: each stream's life in one of level info, failures as warn with
 * their cause, faults of the relay as error, the steps in between as debug.
 */
export function createPinoObserver(logger: PinoLogger): Observer {
  return (event) => {
    const error = "error" in event ? event.error : undefined;
    const failure = "failure" in event ? event.failure : undefined;
    const level = levelOf(event.type, error, failure);
    // Most of what happens is not written: it should not be made readable either.
    if (!logger.isLevelEnabled(level)) return;
    const fields = readable(event);
    if ("usage" in event && event.usage !== undefined) fields["usage"] = readable(event.usage);
    if (error !== undefined) fields["error"] = errorFields(error);
    if (failure !== undefined) fields["failure"] = causeFields(failure);
    logger[level](fields, event.type);
  };
}

const infoTypes: ReadonlySet<ObserverEvent["type"]> = new Set([
  "stream_ended",
  "stream_continued",
  "redis_ready",
  "audit_ready",
]);

function levelOf(
  type: ObserverEvent["type"],
  error: RelayError | undefined,
  failure: Error | undefined,
): Level {
  if (error?.code === "internal_error") return "error";
  if (error !== undefined || failure !== undefined || type === "audit_dropped") return "warn";
  return infoTypes.has(type) ? "info" : "debug";
}

/** What an operator needs to know of a failure, with the reason that clients do not receive. */
function errorFields({ code, message, retryAfterMs, cause }: RelayError): Fields {
  return {
    ...readable({ code, message, retryAfterMs }),
    ...(cause instanceof Error ? { cause: causeFields(cause) } : {}),
  };
}

/**
 * What is known to hold no more than it says. Errors carry whatever their library likes: a parser
 * the bytes that it failed at, a client the command that it sent.
 */
const safeFields = ["code", "status", "errno", "syscall", "contextId", "correlationId"] as const;

function causeFields(cause: Error): Fields {
  const { name, message, stack } = cause;
  const all: Fields = { ...cause };
  const details = Object.fromEntries(safeFields.map((field) => [field, all[field]]));
  // Where it came from; its first lines only repeat the message.
  const places = stack?.match(/^ {4}at .*$/gm)?.slice(0, 5);
  return readable({ name, message, ...details, stack: places?.join("\n") });
}

const maxChars = 1_000;

/** Times in tenths of a millisecond, texts with an end, and nothing that is not there. */
function readable(fields: Fields | ObserverEvent): Record<string, unknown> {
  const given = fields as Fields;
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    const value = given[name];
    // The line's message.
    if (name === "type") continue;
    if (typeof value === "string") read[name] = value.slice(0, maxChars);
    else if (typeof value === "number") read[name] = Math.round(value * 10) / 10;
    else if (typeof value === "boolean") read[name] = value;
  }
  return read;
}
