import { expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import { startHttpServer } from "../../../relay/src/gateway/testing/servers.ts";
import { ampleSettings } from "../../../relay/src/gateway/testing/provider-under-test.ts";
import { createOpenaiResponsesProvider } from "./provider.ts";

function frame(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

const created = frame("response.created", { response: { id: "resp/1", status: "queued" } });
const delta = (text: string): string => frame("response.output_text.delta", { delta: text });
const completed = frame("response.completed", { response: { id: "resp/1", status: "completed" } });

/** A server that gives the same answer again, and the requests that it got. */
async function startBackgroundServer(answer: string) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const server = await startHttpServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const text = (await request.toArray()).join("");
    if (request.url?.endsWith("/cancel")) {
      response.end("{}");
      return;
    }
    if (text !== "") bodies.push(JSON.parse(text));
    response.setHeader("content-type", "text/event-stream");
    response.write(answer);
    if (answer.endsWith(completed)) response.end();
  });
  return { ...server, asked, bodies, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function open(url: string, background: boolean) {
  const options = { baseUrl: `${url}/v1`, apiKey: "demo-key", background };
  const provider = createOpenaiResponsesProvider(options, ampleSettings);
  const texts: string[] = [];
  const handles: string[] = [];
  const ends: unknown[] = [];
  const context = {
    signal: new AbortController().signal,
    streamId: "s-1",
    subject: "ada",
    onPosition() {},
    observe() {},
    traceHeaders: {},
  };
  const sink = {
    accepted() {},
    reattachable: (handle: string) => void handles.push(handle),
    events(batch: readonly object[]) {
      for (const event of batch) {
        texts.push("content" in event ? String(event.content) : JSON.stringify(event));
      }
      return true;
    },
    end: (failure?: unknown) => void ends.push(failure),
  };
  return { provider, context, sink, texts, handles, ends };
}

const request = () => ({
  configurationId: "gpt",
  messages: [{ role: "user", content: "Hello" }],
});
const stopped = JSON.stringify({ type: "stop", reason: "stop" });

test("an answer in the background has a handle before its first event, and is given again from its start", async () => {
  await using server = await startBackgroundServer(
    created + delta("Hel") + delta("lo") + completed,
  );
  const first = open(server.url, true);
  first.provider.open(request(), first.context, {
    ...first.sink,
    events(batch) {
      expect(first.handles).toEqual(["resp/1"]);
      return first.sink.events(batch);
    },
  });
  await eventually(async () => expect(first.ends).toEqual([undefined]));
  const again = open(server.url, true);
  again.provider.reattach?.("resp/1", again.context, again.sink);
  await eventually(async () => expect(again.ends).toEqual([undefined]));
  expect(first.texts).toEqual(["Hel", "lo", stopped]);
  expect(again.texts).toEqual(first.texts);
  expect(server.bodies).toEqual([
    {
      model: "gpt",
      input: [{ role: "user", content: "Hello" }],
      stream: true,
      store: true,
      background: true,
    },
  ]);
  expect(server.asked).toEqual(["POST /v1/responses", "GET /v1/responses/resp%2F1?stream=true"]);
  await first.provider.close();
  await again.provider.close();
});

test.each([
  ["is cancelled with its stream", undefined, ["POST /v1/responses/resp%2F1/cancel"]],
  ["is not cancelled where another relay continues it", { code: "producer_lost" }, []],
])("it %s", async (_what, reason, cancels) => {
  await using server = await startBackgroundServer(created + delta("Hel"));
  const { provider, context, sink, texts } = open(server.url, true);
  const flow = provider.open(request(), context, sink);
  await eventually(async () => expect(texts).toEqual(["Hel"]));
  const { RelayError } = await import("@gatestream/relay/parts");
  flow.cancel(reason === undefined ? undefined : new RelayError("producer_lost", "Gone."));
  await provider.close();
  expect(server.asked.slice(1)).toEqual(cancels);
});

test("without background there is no handle, and nothing to give again", async () => {
  await using server = await startBackgroundServer(created + delta("Hello") + completed);
  const { provider, context, sink, handles, ends } = open(server.url, false);
  provider.open(request(), context, sink);
  await eventually(async () => expect(ends).toEqual([undefined]));
  expect([handles, provider.reattach]).toEqual([[], undefined]);
  await provider.close();
});
