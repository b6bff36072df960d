import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { headerNames } from "@gatestream/protocol";

/** The caller's own id, where it is safe to repeat; otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[headerNames.requestId.toLowerCase()];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
