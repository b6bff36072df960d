import { createClient, type ClientOptions } from "../create-client.ts";
import type { StreamStatus } from "../answer/stream-options.ts";
import { anyRequest } from "./client-of.ts";
import { createHandMadeRelay, sends, type HandMadeRelay, type Play } from "./hand-made-relay.ts";
import { numberedText, start, stop, token } from "./sse-text.ts";

/** Tries again without a wait that anybody would notice. */
export const soon = { limit: 5, baseDelayMs: 1, maxDelayMs: 2000 };

/** A whole answer. */
export const answer: Play = sends(numberedText(1, start, token("Hello"), stop));

/** A stream of a relay that plays these, and the statuses that it goes through. */
export function streamFrom(plays: readonly Play[], options: Partial<ClientOptions> = {}) {
  const relay = createHandMadeRelay(...plays);
  const statuses: StreamStatus[] = [];
  const client = createClient({ url: "/api/llm", fetch: relay.fetch, retry: soon, ...options });
  const stream = client.stream(anyRequest, { onStatus: (status) => statuses.push(status) });
  return { relay, statuses, stream };
}

export function methodsOf({ requests }: HandMadeRelay): readonly string[] {
  return requests.map(({ method }) => method);
}
