import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Dialect } from "../dialects/dialect.ts";
import { type ResponseWriter, createResponseWriter } from "./response-writer.ts";

/** One request and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  /** For headers that are known before the status; all else goes through the writer. */
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly writer: ResponseWriter;
  /** Names the exchange in a header, and in what the dialect says. */
  readonly contextId: string;
}

export interface ExchangeOptions {
  readonly dialect: Dialect;
  readonly onStatus: (status: number) => void;
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  { dialect, onStatus }: ExchangeOptions,
): Exchange {
  const contextId = randomUUID();
  response.setHeader(dialect.contextIdHeader, contextId);
  const writer = createResponseWriter(response, onStatus);
  return { request, response, dialect, writer, contextId };
}
