import type { ServerResponse } from "node:http";
import { headerNames, type ErrorReply } from "@gatestream/protocol";
import { describeError, type RelayError } from "../errors.ts";

/** What is no stream: the whole reply at once. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string | number>>;
}

/** Does nothing for a reader who has gone, or who has been answered. */
export function reply(
  response: ServerResponse,
  { status, contentType, body, headers }: Reply,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...headers,
  });
  response.end(body);
}

/** Answers with a JSON value. */
export function replyWithJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Reply["headers"] = {},
): void {
  reply(response, { status, contentType: jsonType, body: JSON.stringify(value), headers });
}

/** Answers that it is done, or that there is nothing. */
export function replyWithNothing(response: ServerResponse, requestId: string): void {
  if (response.destroyed) return;
  response.writeHead(204, { "Cache-Control": "no-store", [headerNames.requestId]: requestId });
  response.end();
}

const jsonType = "application/json; charset=utf-8";

/** Answers with a refusal: PROTOCOL.md, "Errors". */
export function replyWithError(
  response: ServerResponse,
  error: RelayError,
  requestId: string,
): void {
  const refusal: ErrorReply = { error: describeError(error, requestId) };
  const { retryAfterMs } = refusal.error;
  reply(response, {
    status: error.status,
    contentType: jsonType,
    body: JSON.stringify(refusal),
    headers: {
      ...error.headers,
      [headerNames.requestId]: requestId,
      ...(retryAfterMs === undefined ? {} : { "Retry-After": Math.ceil(retryAfterMs / 1000) }),
    },
  });
}
