import type { IncomingMessage } from "node:http";
import { RelayError } from "../errors.ts";
import { within } from "../timers.ts";
import type { AllowedOrigin } from "./origins.ts";

/** An authenticated or anonymous caller, and what it may do. */
export interface Caller {
  /** Who it is: streams, limits and turns in the queue are each subject's own. */
  readonly subject: string;
  /** Whether the caller is anonymous: the subject is then only its address. @defaultValue false */
  readonly isAnonymous?: boolean;
  /** The `configurationId`s that they may use. @defaultValue every one that the relay allows */
  readonly configurations?: readonly string[];
  /** When what they proved ends, in milliseconds since 1970; their streams end then. */
  readonly expiresAt?: number;
}

/**
 * Identifies the caller. Undefined refuses with `unauthorized`; so does a `RelayError` thrown, with its own
 * code. Any other failure is a fault of the relay: the request is refused.
 */
export type Authenticate = (
  request: IncomingMessage,
) => Caller | undefined | Promise<Caller | undefined>;

/**
 * Who calls, as `authenticate` says. Where `*` allows every origin, a page of another one comes
 * without credentials: browsers send cookies with a WebSocket all the same, so they are removed.
 *
 * @throws RelayError `unauthorized` when it returns no caller.
 * @throws TypeError when it returns something invalid: the request is refused.
 */
export async function admit(
  authenticate: Authenticate,
  request: IncomingMessage,
  grant?: AllowedOrigin,
): Promise<Caller> {
  if (grant?.withCredentials === false) removeCookies(request);
  const caller: unknown = await authenticate(request);
  if (caller === undefined || caller === null) {
    throw new RelayError("unauthorized", "The relay does not know who calls.");
  }
  if (!isCaller(caller)) {
    throw new TypeError(
      "authenticate must give { subject: string, configurations?: string[], expiresAt?: number } or undefined.",
    );
  }
  if (caller.subject === "" && caller.isAnonymous !== true) {
    throw new TypeError(
      "authenticate gave an empty subject, and so one caller's streams to all others without one: give each caller a subject, or undefined where nobody is known.",
    );
  }
  return caller;
}

function isCaller(value: unknown): value is Caller {
  if (typeof value !== "object" || value === null) return false;
  const { subject, configurations, expiresAt } = value as Readonly<Record<string, unknown>>;
  return (
    typeof subject === "string" &&
    (configurations === undefined || Array.isArray(configurations)) &&
    (expiresAt === undefined || Number.isFinite(expiresAt))
  );
}

/** Removes every cookie from a request, wherever node:http keeps it. */
function removeCookies(request: IncomingMessage): void {
  delete request.headers.cookie;
  const { rawHeaders } = request;
  // Emptied, not taken out: `headersDistinct` is made of as many headers as there were at first.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "cookie") rawHeaders[index + 1] = "";
  }
}

/** Another caller's kept stream, as `mayFollow` gets it. */
export interface OthersStream {
  readonly streamId: string;
  /** Who started it; empty for an anonymous caller. */
  readonly subject: string;
  readonly configurationId?: string | undefined;
  readonly conversationId?: string | undefined;
  /** What its request said. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Whether `caller` may follow and find another caller's stream; only `true` allows it. */
export type MayFollow = (caller: Caller, stream: OthersStream) => boolean | Promise<boolean>;

/** How long the host may take to decide. */
const decisionTimeoutMs = 2_000;

/** Nothing is allowed where the host's `mayFollow` fails or takes too long; the first time is warned of. */
export function guardMayFollow(mayFollow: MayFollow): MayFollow {
  let hasWarned = false;
  function warn(problem: string): void {
    if (!hasWarned) process.emitWarning(`mayFollow ${problem}`, "GatestreamWarning");
    hasWarned = true;
  }
  return async (caller, stream) => {
    let decision: unknown;
    let isDecided = false;
    const ask = async (): Promise<void> => {
      decision = await mayFollow(caller, stream);
      isDecided = true;
    };
    try {
      await within(decisionTimeoutMs, ask());
      if (isDecided) hasWarned = false;
      else warn(`took longer than ${decisionTimeoutMs} ms: the stream was refused.`);
    } catch (failure) {
      warn(
        `failed, and the stream was refused: ${failure instanceof Error ? failure.message : ""}`,
      );
    }
    return decision === true;
  };
}

/**
 * The shortest secret that an anonymous caller may choose, such as an idempotency key: shorter ones may
 * be guessed, or chosen twice.
 */
export const minAnonymousChars = 16;

/** @throws RelayError `forbidden` when `caller` may not use a configuration. */
export type CheckConfiguration = (caller: Caller, configurationId: string) => void;

/** @param allowedConfigurations What the relay allows to anybody; none given is everything. */
export function createConfigurationCheck(
  allowedConfigurations: readonly string[],
): CheckConfiguration {
  const allowed = new Set(allowedConfigurations);
  return ({ configurations }, configurationId) => {
    const isOffered = allowed.size === 0 || allowed.has(configurationId);
    if (isOffered && (configurations?.includes(configurationId) ?? true)) return;
    throw new RelayError("forbidden", "You may not use this configurationId.");
  };
}
