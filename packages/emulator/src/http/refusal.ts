import type { OutgoingHttpHeaders } from "node:http";

import type { Exchange } from "./exchange.ts";

/** A request turned down the way Genesys Cloud does it. */
export interface Refusal {
  readonly status: number;
  /** The dotted word that tells programs what is wrong, such as "bad.request". */
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with the error body of the platform API. */
export function sendRefusal(exchange: Exchange, refusal: Refusal): void {
  const { message, code, status, headers } = refusal;
  const { contextId } = exchange;
  sendJson(
    exchange,
    status,
    { message, code, status, contextId, details: [], errors: [] },
    headers,
  );
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
