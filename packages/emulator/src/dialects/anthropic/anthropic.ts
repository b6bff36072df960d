import type { Dialect } from "../dialect.ts";
import { readChat } from "./read-chat.ts";
import { refusalBody } from "./refusal-body.ts";

/** Messages as Anthropic serves them: server-sent events that are named as their data is. */
export const anthropic: Dialect = {
  name: "anthropic",
  contextIdHeader: "request-id",
  credentialHeader: "x-api-key",
  readChat,
  refusalBody,
  rateLimit: {
    headers: ({ count, allowed, resetSeconds }) => ({
      "anthropic-ratelimit-requests-limit": String(allowed),
      "anthropic-ratelimit-requests-remaining": String(Math.max(allowed - count, 0)),
      ...resetHeader(resetSeconds),
    }),
    resetHeader,
    waitMessage: (seconds) =>
      `This request would exceed your rate limit. Please try again in ${seconds} seconds.`,
  },
};

function resetHeader(seconds: number): Record<string, string> {
  const at = new Date(Date.now() + seconds * 1000);
  return { "anthropic-ratelimit-requests-reset": at.toISOString() };
}
