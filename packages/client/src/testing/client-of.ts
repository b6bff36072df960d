import type { StreamRequest } from "@gatestream/protocol";
import { createClient } from "../create-client.ts";
import type { StreamEvent } from "../stream-events.ts";
import type { StreamOptions } from "../answer/stream-options.ts";
import type { Answer as TokenStream } from "../answer/answer.ts";
import { createHandMadeAnswer, type HandMadeAnswer } from "./hand-made-answer.ts";
import { relayThatPlays, type Script } from "./script.ts";

/** A request for servers that do not look at it. */
export const anyRequest: StreamRequest = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "Hello" }],
};

/** A stream of what a script plays, asked for once. */
export function streamOf(script: Script, options?: StreamOptions): TokenStream {
  return createClient({ url: relayThatPlays(script), retry: false }).stream(anyRequest, options);
}

/** A stream of what the test itself writes, asked for once. */
export function handMadeStream(options?: StreamOptions): {
  readonly answer: HandMadeAnswer;
  readonly stream: TokenStream;
} {
  const answer = createHandMadeAnswer();
  const client = createClient({ url: "/api/llm", fetch: answer.fetch, retry: false });
  return { answer, stream: client.stream(anyRequest, options) };
}

/** Every event of a stream; fails as the stream does. */
export async function eventsOf(stream: TokenStream) {
  const events: StreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
