import type { ServerResponse } from "node:http";
import { headerNames, type ErrorReply } from "@gatestream/protocol";
import { describeError, type RelayError } from "../errors.ts";

/** Answers with a refusal: PROTOCOL.md, "Errors". Does nothing for a reader who has gone. */
export function replyWithError(
  response: ServerResponse,
  error: RelayError,
  requestId: string,
): void {
  if (response.headersSent || response.destroyed) return;
  const reply: ErrorReply = { error: describeError(error, requestId) };
  const body = JSON.stringify(reply);
  const { retryAfterMs } = reply.error;
  response.writeHead(error.status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    [headerNames.requestId]: requestId,
    ...(retryAfterMs === undefined ? {} : { "Retry-After": Math.ceil(retryAfterMs / 1000) }),
  });
  response.end(body);
}
