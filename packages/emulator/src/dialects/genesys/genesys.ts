import type { Dialect } from "../dialect.ts";
import { readChat } from "./read-chat.ts";
import { refusalBody } from "./refusal-body.ts";

/** The Genesys Cloud LLM Gateway: newline-delimited JSON, and the platform's errors and limits. */
export const genesys: Dialect = {
  name: "genesys",
  contextIdHeader: "ININ-Correlation-Id",
  credentialHeader: "authorization",
  readChat,
  refusalBody,
  rateLimit: {
    headers: ({ count, allowed, resetSeconds }) => ({
      "inin-ratelimit-count": String(count),
      "inin-ratelimit-allowed": String(allowed),
      ...resetHeader(resetSeconds),
    }),
    resetHeader,
    waitMessage: (seconds) =>
      `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`,
  },
};

function resetHeader(seconds: number): Record<string, string> {
  return { "inin-ratelimit-reset": String(seconds) };
}
