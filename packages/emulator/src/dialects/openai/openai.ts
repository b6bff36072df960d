import type { Dialect } from "../dialect.ts";
import { readChat } from "./read-chat.ts";
import { refusalBody } from "./refusal-body.ts";

/** Chat completions as OpenAI serves them and many others imitate: server-sent events. */
export const openai: Dialect = {
  name: "openai",
  contextIdHeader: "x-request-id",
  credentialHeader: "authorization",
  readChat,
  refusalBody,
  rateLimit: {
    headers: ({ count, allowed, resetSeconds }) => ({
      "x-ratelimit-limit-requests": String(allowed),
      "x-ratelimit-remaining-requests": String(Math.max(allowed - count, 0)),
      ...resetHeader(resetSeconds),
    }),
    resetHeader,
    waitMessage: (seconds) => `Rate limit reached for requests. Please try again in ${seconds}s.`,
  },
};

function resetHeader(seconds: number): Record<string, string> {
  return { "x-ratelimit-reset-requests": `${seconds}s` };
}
