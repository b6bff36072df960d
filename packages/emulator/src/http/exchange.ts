import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type ResponseWriter, createResponseWriter } from "./response-writer.ts";

/** One request and its response. */
export interface Exchange {
  readonly request: IncomingMessage;
  /** For headers that are known before the status; all else goes through the writer. */
  readonly response: ServerResponse;
  readonly writer: ResponseWriter;
  /** Names the exchange in `ININ-Correlation-Id` and in error bodies. */
  readonly contextId: string;
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  onStatus: (status: number) => void,
): Exchange {
  const contextId = randomUUID();
  response.setHeader("ININ-Correlation-Id", contextId);
  return { request, response, writer: createResponseWriter(response, onStatus), contextId };
}
