import type { IncomingMessage } from "node:http";
import { RelayError } from "../errors.ts";
import type { Authenticate, Caller } from "./caller.ts";
import type { AllowedOrigin } from "./origins.ts";

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
export function removeCookies(request: IncomingMessage): void {
  delete request.headers.cookie;
  const { rawHeaders } = request;
  // Emptied, not taken out: `headersDistinct` is made of as many headers as there were at first.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === "cookie") rawHeaders[index + 1] = "";
  }
}
