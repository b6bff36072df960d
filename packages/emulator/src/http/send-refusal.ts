import type { OutgoingHttpHeaders } from "node:http";

import type { Exchange } from "./exchange.ts";
import { type Refusal, refusalStatuses } from "./refusal.ts";

/** Answers with a refusal in the dialect of the exchange. */
export function sendRefusal(exchange: Exchange, refusal: Refusal): void {
  const { dialect, contextId } = exchange;
  const status = refusalStatuses[refusal.reason];
  sendJson(exchange, status, dialect.refusalBody(refusal, contextId), refusal.headers);
}

export function sendJson(
  { writer }: Exchange,
  status: number,
  body: object,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body);
  const contentLength = Buffer.byteLength(text);
  writer.head(status, {
    ...headers,
    "Content-Type": "application/json",
    "Content-Length": contentLength,
  });
  writer.end(text);
}
