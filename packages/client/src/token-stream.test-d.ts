import { expectTypeOf, test } from "vitest";
import { createClient, type StreamEvent, type StreamResult, type StreamStatus } from "./index.ts";

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
        expectTypeOf(event.usage).toEqualTypeOf<Readonly<Record<string, unknown>> | undefined>();
        break;
      case "error":
        expectTypeOf(event.retryable).toEqualTypeOf<boolean>();
        expectTypeOf<"gateway_timeout">().toExtend<typeof event.code>();
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
    onError: (error) => expectTypeOf(error.text).toEqualTypeOf<string>(),
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
