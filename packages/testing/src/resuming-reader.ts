import type { ClientRequest, IncomingMessage } from "node:http";
import { createParser } from "eventsource-parser";
import { ask, responseTo } from "./ask.ts";
import type { ParsedEvent } from "./parse-events.ts";

/** How a reader says which event it had last. */
export type CursorIn = "Last-Event-ID" | "after";

/** Reads one stream over as many connections as it takes; what it has not taken is lost with each. */
export interface ResumingReader {
  readonly streamId: string;
  /** The id of the last event that it has; 0 for none. */
  readonly cursor: number;
  /** All that it has taken, notices too. */
  readonly events: readonly ParsedEvent[];
  /** Connects; resolves with the head of the response, of which nothing is read before it is asked for. */
  open(request: ClientRequest): Promise<IncomingMessage>;
  /** Takes everything up to the event with this id, and nothing after it. */
  readTo(id: number): Promise<void>;
  /** Takes everything up to the next notice of this name, and nothing after it. */
  readToNotice(name: string): Promise<ParsedEvent>;
  /** Takes all that comes; rejects when the connection was cut. */
  readToEnd(): Promise<void>;
  /** Destroys its connection. */
  cut(): void;
  /** Reconnects with its cursor, to the relay at `url`. */
  comeBack(url: string, cursorIn?: CursorIn): Promise<IncomingMessage>;
}

/** Where the relay at `url` has a stream. */
export function streamAt(url: string, streamId: string): string {
  return `${url}/api/llm/stream/${streamId}`;
}

/** A reader of the stream with this id; without one, of the first that it opens. */
export function createReader(knownId = ""): ResumingReader {
  const events: ParsedEvent[] = [];
  let streamId = knownId;
  let cursor = 0;
  let connection: ClientRequest | undefined;
  let incoming: AsyncIterator<ParsedEvent> | undefined;

  async function take(): Promise<ParsedEvent | undefined> {
    const result = await incoming?.next();
    if (result === undefined || result.done) return undefined;
    events.push(result.value);
    if (result.value.id !== undefined) cursor = Number(result.value.id);
    return result.value;
  }

  async function takeUntil(isIt: (event: ParsedEvent) => boolean): Promise<ParsedEvent> {
    for (;;) {
      const event = await take();
      if (event === undefined) throw new Error(`It ended before: ${JSON.stringify(events)}`);
      if (isIt(event)) return event;
    }
  }

  async function open(request: ClientRequest): Promise<IncomingMessage> {
    connection = request;
    const response = await responseTo(request);
    streamId ||= String(response.headers["x-stream-id"]);
    incoming = eventsIn(response);
    return response;
  }

  return {
    get streamId() {
      return streamId;
    },
    get cursor() {
      return cursor;
    },
    events,
    open,
    async readTo(id) {
      if (cursor < id) await takeUntil((event) => event.id === String(id));
    },
    readToNotice: (name) => takeUntil((event) => event.name === name),
    async readToEnd() {
      while ((await take()) !== undefined);
    },
    cut: () => void connection?.destroy(),
    comeBack(url, cursorIn = "Last-Event-ID") {
      const target = streamAt(url, streamId);
      const get = { method: "GET" };
      if (cursorIn === "after") return open(ask(`${target}?after=${cursor}`, undefined, get));
      const headers = { "Last-Event-ID": cursor };
      return open(ask(target, undefined, { ...get, headers }));
    },
  };
}

async function* eventsIn(response: IncomingMessage): AsyncGenerator<ParsedEvent> {
  const decoder = new TextDecoder();
  const parsed: ParsedEvent[] = [];
  const parser = createParser({
    maxBufferSize: Infinity,
    onEvent: ({ event, id, data }) => parsed.push({ name: event, id, event: JSON.parse(data) }),
    onError: (error) => {
      throw error;
    },
  });
  for await (const chunk of response) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* parsed.splice(0);
  }
}
