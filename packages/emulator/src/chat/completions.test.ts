import { expect, test } from "vitest";

import { maxBodyBytes } from "../http/read-body.ts";
import { chunksIn, textOfChunks } from "../testing/completions.ts";
import { completionsBody, completionsPath, startGateway } from "../testing/gateway.ts";
import { lastCall, play, question } from "../testing/played.ts";
import { eventsIn, textOf } from "../testing/ndjson.ts";
import { createTestClock } from "../testing/test-clock.ts";

test("an answer is the role, a chunk for each token, the finish reason and [DONE]", async () => {
  await using gateway = await startGateway();
  const before = Math.floor(Date.now() / 1000);
  const response = await gateway.complete(question);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const text = await response.text();
  const chunks = chunksIn(text);
  const created = chunks[0]?.["created"];
  expect(created).toBeGreaterThanOrEqual(before);
  expect(created).toBeLessThanOrEqual(Date.now() / 1000);
  const id = `chatcmpl-${response.headers.get("x-request-id")}`;
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":"emulated-1",`;
  const start = `${head}"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`;
  const first = `${head}"choices":[{"index":0,"delta":{"content":"##"},"finish_reason":null}]}\n\n`;
  const finish = `${head}"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`;
  expect(text.slice(0, start.length + first.length)).toBe(start + first);
  expect(text.slice(-finish.length - 14)).toBe(`${finish}data: [DONE]\n\n`);
  const between = chunks.slice(1, -1).map(({ choices }) => choices[0]);
  for (const choice of between) expect(choice).toMatchObject({ finish_reason: null });
});

test("both endpoints send the same tokens, and recorded calls name the dialect", async () => {
  await using gateway = await startGateway();
  const lines = eventsIn(await play(gateway, "/scenario answer")).slice(0, -1);
  const chunks = chunksIn(await (await gateway.complete(question)).text());
  expect(chunks.slice(1, -1).map((chunk) => textOfChunks([chunk]))).toEqual(
    lines.map(({ content }) => content),
  );
  expect(await lastCall(gateway)).toMatchObject({
    kind: "chat",
    dialect: "openai",
    scenario: "answer",
    status: 200,
    state: "answered",
    sentText: textOf(lines),
    body: completionsBody(question),
  });
  expect(gateway.emulator.calls.map(({ dialect }) => dialect)).toEqual([
    "genesys",
    "genesys",
    "openai",
  ]);
});

test("both endpoints have the same pace", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ tokensPerSecond: 50, clock });
  await (await gateway.chat(question)).text();
  const waitsMs = clock.waitsMs.slice();
  await (await gateway.complete(question)).text();
  const again = clock.waitsMs.slice(waitsMs.length);
  expect(again).toHaveLength(waitsMs.length);
  for (const [index, ms] of again.entries()) expect(ms).toBeCloseTo(waitsMs[index] ?? NaN, 3);
});

test("the usage stands in a chunk of its own when it is asked for, and is null before", async () => {
  await using gateway = await startGateway();
  const body = { ...completionsBody(question), stream_options: { include_usage: true } };
  const chunks = chunksIn(await (await gateway.complete("", { body })).text());
  const last = chunks.pop();
  const outputTokens = chunks.length - 2;
  // How do I reset my password ?
  const inputTokens = 7;
  expect(last).toMatchObject({
    choices: [],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  });
  for (const chunk of chunks) expect(chunk).toHaveProperty("usage", null);
});

test.each([undefined, {}, { include_usage: false }])(
  "with the stream_options %j there is no usage at all",
  async (streamOptions) => {
    await using gateway = await startGateway();
    const body = { ...completionsBody(question), stream_options: streamOptions };
    const text = await (await gateway.complete("", { body })).text();
    expect(chunksIn(text).at(-1)).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    expect(text).not.toContain('"usage"');
  },
);

test("the API key is an option, and any other key is refused in OpenAI's words", async () => {
  await using gateway = await startGateway({ apiKey: "sk-mine" });
  expect((await gateway.complete("Hello")).status).toBe(200);
  for (const token of ["demo-key", "", await gateway.newToken()]) {
    const response = await gateway.complete("Hello", { token });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe(
      '{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}',
    );
  }
  expect((await gateway.chat("Hello", { token: "sk-mine" })).status).toBe(401);
});

const message = { role: "user", content: "Hello" };
const wellFormed = completionsBody("Hello");

test.each([
  ["not json", "The body must be a JSON object."],
  [[], "The body must be a JSON object."],
  [{ ...wellFormed, model: undefined }, "model must be"],
  [{ ...wellFormed, model: "" }, "model must be"],
  [{ ...wellFormed, stream: false }, "stream must be true"],
  [{ ...wellFormed, messages: undefined }, "messages must be a list"],
  [{ ...wellFormed, messages: [] }, "messages must be a list"],
  [{ ...wellFormed, messages: [message, { role: "user" }] }, "messages[1] must have"],
  [{ ...wellFormed, messages: [{ ...message, role: "king" }] }, "messages[0] must have"],
  [{ ...wellFormed, stream_options: true }, "stream_options must be"],
  [{ ...wellFormed, stream_options: { include_usage: 1 } }, "stream_options.include_usage must be"],
])("the body %j is refused with 400 and a reason", async (body, reason) => {
  await using gateway = await startGateway();
  const response = await gateway.complete("", { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: {
      message: expect.stringContaining(reason),
      type: "invalid_request_error",
      param: null,
      code: null,
    },
  });
});

test("what the router and the limit of the body refuse is worded as OpenAI does, too", async () => {
  await using gateway = await startGateway();
  const tooLarge = await gateway.complete("x".repeat(maxBodyBytes));
  expect(tooLarge.status).toBe(413);
  const wrongMethod = await fetch(`${gateway.url}${completionsPath}`);
  expect(wrongMethod.status).toBe(405);
  expect(wrongMethod.headers.get("allow")).toBe("POST");
  for (const response of [tooLarge, wrongMethod]) {
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  }
});

const genesysAlone = [
  "many-objects-a-line",
  "sse",
  "delta",
  "done",
  "unknown-type",
  "token-endpoint-down",
] as const;

test.each(genesysAlone)(
  "%s cannot be played here: 400 and the scenarios that can",
  async (scenario) => {
    await using gateway = await startGateway({ scenario });
    const byDefault = await gateway.complete("Hello");
    const byMessage = await gateway.complete(`/scenario ${scenario}`);
    for (const response of [byDefault, byMessage]) {
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: { message: string } };
      expect(error.message).toContain(`scenario "${scenario}"`);
      const choices = error.message.split("Choose one of: ")[1]?.split(/, |\.$/) ?? [];
      expect(choices).toEqual(expect.arrayContaining(["answer", "every-byte", "forbidden"]));
      expect(choices).not.toEqual(expect.arrayContaining([scenario]));
    }
    expect((await lastCall(gateway)).scenario).toBeUndefined();
    expect((await gateway.complete("/scenario answer Hello")).status).toBe(200);
  },
);

test("a second turn is answered with the conversation in mind", async () => {
  await using gateway = await startGateway();
  const body = completionsBody(question, "Like this.", question);
  const chunks = chunksIn(await (await gateway.complete("", { body })).text());
  expect(textOfChunks(chunks)).toMatch(/discussed|my last answer|covered/);
});
