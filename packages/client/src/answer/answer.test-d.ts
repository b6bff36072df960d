import { expectTypeOf, test } from "vitest";
import {
  createClient,
  type AnswerPart,
  type Checkpoint,
  type EventMap,
  type GatewayEvent,
  type Message,
  type StreamError,
  type StreamEvent,
  type StreamResult,
  type StreamSnapshot,
  type StreamStatus,
  type TokenEvent,
  type Usage,
} from "../index.ts";

const client = createClient({ url: "/api/llm" });
const request = { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] };

test("an event's type gives its fields", async () => {
  for await (const event of client.stream(request)) {
    expectTypeOf(event).toEqualTypeOf<StreamEvent>();
    switch (event.type) {
      case "token":
        expectTypeOf(event.content).toEqualTypeOf<string>();
        expectTypeOf(event.index).toEqualTypeOf<number>();
        break;
      case "stop":
        expectTypeOf(event.reason).toExtend<string>();
        expectTypeOf(event.usage).toEqualTypeOf<Usage | undefined>();
        break;
      case "error":
        expectTypeOf(event.retryable).toEqualTypeOf<boolean>();
        expectTypeOf<"gateway_timeout">().toExtend<typeof event.code>();
        break;
      case "reasoning":
        expectTypeOf(event.content).toEqualTypeOf<string>();
        break;
      case "tool_call":
        expectTypeOf(event.argumentsDelta).toEqualTypeOf<string | undefined>();
        break;
      case "source":
        expectTypeOf(event.url).toEqualTypeOf<string | undefined>();
        break;
      case "file":
        expectTypeOf(event.mediaType).toEqualTypeOf<string>();
        break;
      case "queued":
        expectTypeOf(event.position).toEqualTypeOf<number>();
        break;
      case "start":
        expectTypeOf(event.streamId).toEqualTypeOf<string>();
        // @ts-expect-error a start has no text
        void event.content;
        break;
      default:
        expectTypeOf(event.type).toEqualTypeOf<"warning" | "live" | "gap" | "reconnect">();
    }
  }
});

test("a stream is what its documentation says", () => {
  const stream = client.stream(request);
  expectTypeOf(stream).toExtend<AsyncIterable<StreamEvent>>();
  expectTypeOf(stream.text).toEqualTypeOf<string>();
  expectTypeOf(stream.status).toEqualTypeOf<StreamStatus>();
  expectTypeOf(stream.result).returns.resolves.toEqualTypeOf<StreamResult>();
  expectTypeOf(stream.cancel).toBeCallableWith();
  expectTypeOf(stream.disconnect).toBeCallableWith();
  expectTypeOf(stream.lastEventId).toEqualTypeOf<number>();
  expectTypeOf(stream.checkpoint).toEqualTypeOf<Checkpoint | undefined>();
  expectTypeOf(stream.subscribe).parameters.toEqualTypeOf<[listener: () => void]>();
  expectTypeOf(stream.subscribe).returns.toEqualTypeOf<() => void>();
  expectTypeOf(stream.getSnapshot).returns.toEqualTypeOf<StreamSnapshot>();
  // @ts-expect-error the stream alone writes its text
  stream.text = "";
});

test("callbacks are given what they are told", () => {
  client.stream(request, {
    signal: undefined,
    onToken(text, snapshot) {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(snapshot).toEqualTypeOf<string>();
    },
    onEvent: (event) => expectTypeOf(event).toEqualTypeOf<StreamEvent>(),
    onStatus: (status) => expectTypeOf(status).toEqualTypeOf<StreamStatus>(),
    onError: (error) => expectTypeOf(error).toEqualTypeOf<StreamError>(),
    onDone: (result) => expectTypeOf(result).toEqualTypeOf<StreamResult>(),
  });
});

test("a reason is completed by an editor and may be the gateway's own", () => {
  expectTypeOf<"cancelled">().toExtend<StreamResult["reason"]>();
  expectTypeOf<string>().toExtend<StreamResult["reason"]>();
});

test("wrong requests and options are errors", () => {
  // @ts-expect-error messages are missing
  client.stream({ configurationId: "cfg-1" });
  // @ts-expect-error a message has a role
  client.stream({ ...request, messages: [{ content: "Hello" }] });
  // @ts-expect-error no such way to disconnect
  client.stream({ ...request, onDisconnect: "forget" });
  // @ts-expect-error a misspelt option
  client.stream(request, { onTokens: () => {} });
  // @ts-expect-error a controller is not its signal
  client.stream(request, { signal: new AbortController() });
});

test("a checkpoint is JSON, and what comes back from it is a stream of the same events", () => {
  const checkpoint: Checkpoint = { streamId: "s-1", lastEventId: 7, text: "Hel" };
  expectTypeOf(client.resume(checkpoint)).toEqualTypeOf(client.stream(request));
  // @ts-expect-error the text is a part of it
  client.resume({ streamId: "s-1", lastEventId: 7 });
  // @ts-expect-error a stream that cannot be resumed has none
  client.resume(client.stream(request).checkpoint);
});

interface OwnEvents {
  readonly citation: { readonly url: string };
  readonly thinking: { readonly depth?: number };
}

test("events of a gateway's own are declared as a map, and narrow like the others", async () => {
  const own = createClient<OwnEvents>({ url: "/api/llm" });
  const stream = own.stream(request, {
    onEvent(event) {
      if (event.type === "thinking") {
        expectTypeOf(event.depth).toEqualTypeOf<number | undefined>();
      }
    },
  });
  for await (const event of stream) {
    expectTypeOf(event).toEqualTypeOf<StreamEvent<OwnEvents>>();
    if (event.type === "citation") {
      expectTypeOf(event.url).toEqualTypeOf<string>();
      expectTypeOf(event.content).toEqualTypeOf<string>();
      expectTypeOf(event.index).toEqualTypeOf<number>();
    }
    if (event.type === "token") expectTypeOf(event).toEqualTypeOf<TokenEvent>();
    // @ts-expect-error nobody has declared it
    void (event.type === "guess");
  }
  expectTypeOf<EventMap<OwnEvents>["token"]>().toEqualTypeOf<TokenEvent>();
});

test("a status is one of nine words", () => {
  expectTypeOf<StreamStatus>().toEqualTypeOf<
    | "idle"
    | "connecting"
    | "queued"
    | "streaming"
    | "reconnecting"
    | "offline"
    | "done"
    | "cancelled"
    | "error"
  >();
});

test("a type that clashes with the protocol's, or has no fields, is an error", () => {
  // @ts-expect-error the relay itself sends tokens
  createClient<{ token: { readonly bold: boolean } }>({ url: "/api/llm" });
  // @ts-expect-error the relay itself sends reasoning
  createClient<{ reasoning: { readonly depth: number } }>({ url: "/api/llm" });
  // @ts-expect-error the relay itself sends tool calls
  createClient<{ tool_call: { readonly callId: string } }>({ url: "/api/llm" });
  // @ts-expect-error the relay itself sends sources
  createClient<{ source: { readonly url: string } }>({ url: "/api/llm" });
  // @ts-expect-error the relay itself sends files
  createClient<{ file: { readonly url: string } }>({ url: "/api/llm" });
  // @ts-expect-error an event is an object
  createClient<{ citation: string }>({ url: "/api/llm" });
  createClient<{ citation: Record<string, never> }>({ url: "/api/llm" });
  expectTypeOf<"user">().toExtend<Message["role"]>();
  expectTypeOf<string>().toExtend<Message["role"]>();
});

test("what only the gateway sends is in `events`, as it was declared", () => {
  const own = createClient<OwnEvents>({ url: "/api/llm" });
  const [event] = own.stream(request).events;
  if (event?.type === "citation") expectTypeOf(event.url).toEqualTypeOf<string>();
  const [any] = client.stream(request).events;
  expectTypeOf(any).toEqualTypeOf<GatewayEvent | undefined>();
});

test("a part's type gives its fields", () => {
  for (const part of client.stream(request).parts) {
    switch (part.type) {
      case "text":
      case "reasoning":
        expectTypeOf(part.text).toEqualTypeOf<string>();
        break;
      case "tool_call":
        expectTypeOf(part.arguments).toEqualTypeOf<string>();
        expectTypeOf(part.isComplete).toEqualTypeOf<boolean>();
        break;
      case "source":
        expectTypeOf(part.url).toEqualTypeOf<string | undefined>();
        break;
      case "file":
        expectTypeOf(part.mediaType).toEqualTypeOf<string>();
        break;
      default:
        expectTypeOf(part).toEqualTypeOf<never>();
    }
  }
  expectTypeOf(client.stream(request).getSnapshot().parts).toEqualTypeOf<readonly AnswerPart[]>();
});

test("an answer is disposed of where its scope ends", async () => {
  await using answer = client.stream(request);
  for await (const piece of answer.textStream) expectTypeOf(piece).toEqualTypeOf<string>();
});
