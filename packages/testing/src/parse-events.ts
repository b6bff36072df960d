import type { StreamEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";

export interface ParsedEvent {
  /** The SSE event name; undefined for a message. */
  readonly name: string | undefined;
  readonly id: string | undefined;
  readonly event: StreamEvent;
}

export interface ParsedStream {
  readonly events: readonly ParsedEvent[];
  readonly comments: readonly string[];
  readonly retryMs: number | undefined;
}

/** What a browser makes of the text of an event stream. */
export function parseStream(text: string): ParsedStream {
  const events: ParsedEvent[] = [];
  const comments: string[] = [];
  let retryMs: number | undefined;
  const parser = createParser({
    maxBufferSize: Infinity,
    onEvent: ({ event, id, data }) => events.push({ name: event, id, event: JSON.parse(data) }),
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => {
      retryMs = ms;
    },
    onError: (error) => {
      throw error;
    },
  });
  parser.feed(text);
  return { events, comments, retryMs };
}

/** The text of the answer. */
export function tokensIn({ events }: ParsedStream): string {
  return events.map(({ event }) => (event.type === "token" ? event.content : "")).join("");
}
