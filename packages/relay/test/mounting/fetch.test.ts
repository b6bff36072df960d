import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";

const url = "https://app.example.com/api/llm/stream";

function post(body: unknown, init: RequestInit = {}): Request {
  return new Request(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    ...init,
  });
}

async function startMounted(options?: RelayUnderTestOptions) {
  const under = await startRelay(options);
  onTestFinished(() => under[Symbol.asyncDispose]());
  return under;
}

test("a Request is answered with a Response that streams", async () => {
  const { relay } = await startMounted();
  const response = await relay.fetch(post(question("/scenario many-tokens 300")));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const stream = parseStream(await response.text());
  expect(stream.events.at(-1)?.event).toMatchObject({ type: "stop", reason: "stop" });
  expect(stream.events.filter(({ event }) => event.type === "token")).toHaveLength(300);
});

test("tokens come as the gateway sends them, and heartbeats between them", async () => {
  const { relay } = await startMounted({ emulator: { scenario: "stall" }, heartbeatMs: 100 });
  const response = await relay.fetch(post(question("Hello")));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!(text.includes('"token"') && text.includes(": heartbeat"))) {
    text += (await reader?.read())?.value ?? "";
  }
  await reader?.cancel();
});

test.each<[string, (response: Response, leaving: AbortController) => unknown]>([
  ["cancels the body", (response) => response.body?.cancel()],
  ["aborts the request", (_response, leaving) => leaving.abort()],
])("the gateway's request is aborted when the reader %s", async (_what, leave) => {
  const { relay, emulator, untilObserved } = await startMounted({
    emulator: { scenario: "stall" },
  });
  const leaving = new AbortController();
  const response = await relay.fetch(post(question("Hello"), { signal: leaving.signal }));
  await leave(response, leaving);
  expect(await untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
  });
  await eventually(async () => {
    const call = emulator.calls.find(({ kind }) => kind === "chat");
    expect(call).toMatchObject({ state: "aborted" });
  });
});

test("a reader that takes nothing makes the gateway wait", async () => {
  const { relay, observed } = await startMounted({
    maxBufferedBytes: 1024,
    slowConsumerTimeoutMs: 200,
  });
  const response = await relay.fetch(post(question("/scenario many-tokens 20000")));
  await eventually(async () => {
    const ended = observed.find(({ type }) => type === "stream_ended");
    expect(ended).toMatchObject({ ending: "error", error: { code: "slow_consumer" } });
  });
  await response.body?.cancel().catch(() => {});
});

test("refusals are statuses, the address is the host's to tell, and other paths are not the relay's", async () => {
  const { relay, untilObserved } = await startMounted();
  const refused = await relay.fetch(post({ configurationId: "cfg-1" }));
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.objectContaining({ code: "invalid_request" }) },
  ]);
  const elsewhere = await relay.fetch(new Request("https://app.example.com/"));
  expect(elsewhere.status).toBe(404);
  const known = await relay.fetch(post(question("Hello")), { remoteAddress: "203.0.113.7" });
  await known.text();
  expect(await untilObserved("stream_ended")).toMatchObject({ subject: "203.0.113.7" });
});

test("an answer that was detached is found again, and over is 204 without a body", async () => {
  const { relay } = await startMounted();
  const first = await relay.fetch(post({ ...question("Hello"), onDisconnect: "detach" }));
  const whole = parseStream(await first.text());
  const id = first.headers.get("x-stream-id");
  const get = (after: number): Promise<Response> =>
    relay.fetch(new Request(`${url}/${id}`, { headers: { "Last-Event-ID": String(after) } }));
  const again = parseStream(await (await get(0)).text());
  expect(tokensIn(again)).toBe(tokensIn(whole));
  const lastId = whole.events.at(-1)?.id;
  const over = await get(Number(lastId));
  expect([over.status, await over.text()]).toEqual([204, ""]);
});

test("Hono mounts it in one line", async () => {
  const { relay } = await startMounted();
  const app = new Hono();
  app.all("/api/llm/*", (context) => relay.fetch(context.req.raw));
  const response = await app.fetch(post(question("/scenario many-tokens 3")));
  const { events } = parseStream(await response.text());
  expect(events.map(({ id }) => id)).toEqual([undefined, "1", "2", "3", "4"]);
});
