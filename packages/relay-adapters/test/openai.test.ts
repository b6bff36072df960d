import { expect, test } from "vitest";
import { nativeText, readAll, startOpenai } from "./openai-under-test.ts";

const completion = (content: string) => ({
  model: "cfg-1",
  messages: [{ role: "user" as const, content }],
  temperature: 0.2,
});

test("an answer is streamed, with its usage where that is asked for", async () => {
  await using under = await startOpenai();
  const stream = await under.client.chat.completions.create({
    ...completion("/scenario usage"),
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) },
  });
});

test("the text is exact, streamed and whole", async () => {
  await using under = await startOpenai();
  const text = await nativeText(under.streamUrl);
  const stream = under.client.chat.completions.stream(completion("Hello"));
  expect(await stream.finalContent()).toBe(text);
  const whole = await under.client.chat.completions.create(completion("Hello"));
  expect(whole).toMatchObject({
    object: "chat.completion",
    model: "cfg-1",
    choices: [{ message: { role: "assistant", content: text }, finish_reason: "stop" }],
  });
});

test("tools go through: what is called, streamed and whole", async () => {
  await using under = await startOpenai();
  const tools = [{ type: "function" as const, function: { name: "find_order", parameters: {} } }];
  const asked = { ...completion("/scenario tool-call"), tools, tool_choice: "auto" as const };
  const streamed = await under.client.chat.completions.stream(asked).finalChatCompletion();
  const whole = await under.client.chat.completions.create(asked);
  const [call] = whole.choices[0]?.message.tool_calls ?? [];
  expect(call).toMatchObject({ type: "function", id: expect.any(String) });
  expect(call?.type === "function" && JSON.parse(call.function.arguments)).toBeTypeOf("object");
  expect(streamed.choices[0]?.message.tool_calls).toMatchObject(
    whole.choices[0]?.message.tool_calls ?? [],
  );
  const next = await under.client.chat.completions.create({
    ...asked,
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: null, tool_calls: whole.choices[0]?.message.tool_calls ?? [] },
      { role: "tool", tool_call_id: call?.id ?? "", content: "Found." },
    ],
  });
  expect(next.choices[0]?.finish_reason).toBe("stop");
});

test.each(["cut", "error-in-middle"])(
  "an answer that broke off is an error, streamed and whole: %s",
  async (scenario) => {
    await using under = await startOpenai();
    const asked = completion(`/scenario ${scenario}`);
    const stream = await under.client.chat.completions.create({ ...asked, stream: true });
    await expect(
      (async () => {
        for await (const chunk of stream) void chunk;
      })(),
    ).rejects.toMatchObject({ code: "gateway_interrupted" });
    await expect(under.client.chat.completions.create(asked)).rejects.toMatchObject({
      status: 502,
      code: "gateway_interrupted",
    });
    // What the gateway has answered is not asked for again.
    expect(under.chatCalls()).toHaveLength(2);
  },
);

test("a refusal has its status and code, and is repeated only where nothing was asked", async () => {
  await using under = await startOpenai({ allowedConfigurations: ["cfg-1"] });
  await expect(
    under.client.chat.completions.create({ ...completion("Hello"), model: "other" }),
  ).rejects.toMatchObject({ status: 403, code: "forbidden" });
  await expect(
    under.client.chat.completions.create(completion("/scenario bad-request")),
  ).rejects.toMatchObject({ status: 400, code: "gateway_rejected" });
  expect(under.chatCalls()).toHaveLength(1);
});

test("leaving the loop aborts the gateway's request", async () => {
  await using under = await startOpenai({ emulator: { scenario: "stall" } });
  const stream = await under.client.chat.completions.create({
    ...completion("Hello"),
    stream: true,
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
  });
});

test("the models are the configurations", async () => {
  await using under = await startOpenai({ allowedConfigurations: ["cfg-1", "cfg-2"] });
  const ids = [];
  for await (const { id } of under.client.models.list()) ids.push(id);
  expect(ids).toEqual(["cfg-1", "cfg-2"]);
});

test("an option that is not allowed is refused by its name; hints are left out", async () => {
  await using under = await startOpenai({ allowedOptions: [] });
  await expect(
    under.client.chat.completions.create({ ...completion("Hello"), stop: ["END"] }),
  ).rejects.toThrow(/options\.stopSequences is not one that this relay allows/);
  const { choices } = await under.client.chat.completions.create(completion("Hello"));
  expect(choices[0]?.finish_reason).toBe("stop");
});

test("a whole answer is bounded: past maxLogBytes it is refused, and the gateway's request aborted", async () => {
  await using under = await startOpenai({
    maxLogBytes: 1024,
    emulator: { tokensPerSecond: 1_000 },
  });
  const refused = under.client.chat.completions.create(completion("/scenario many-tokens 200000"));
  await expect(refused).rejects.toMatchObject({ status: 502, code: "gateway_protocol_error" });
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
});

test("a refusal by the relay's limit says when to try again, and names the request", async () => {
  await using under = await startOpenai({ requestsPerMinutePerSubject: 1 });
  await under.client.chat.completions.create(completion("Hello"));
  const response = await fetch(`${under.url}/api/llm/v1/chat/completions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(completion("Hello")),
  });
  const { headers } = response;
  expect([response.status, headers.get("x-should-retry")]).toEqual([429, "true"]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(headers.get("x-request-id")).toMatch(/./);
  expect(await under.untilObserved("request_refused")).toMatchObject({ path: "/api/llm/openai" });
});

test("a page of another origin may read whether it may ask again", async () => {
  const origin = "https://page.example.com";
  await using under = await startOpenai({ allowedOrigins: [origin] });
  const { headers } = await fetch(`${under.url}/api/llm/v1/chat/completions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: origin },
    body: JSON.stringify(completion("/scenario error-in-middle")),
  });
  const exposed = headers.get("access-control-expose-headers")?.toLowerCase().split(", ");
  expect(exposed).toContain("x-should-retry");
  expect(exposed).toContain("x-request-id");
  expect(headers.get("x-should-retry")).toBe("false");
});

const parts: readonly (readonly [scenario: string, field: string, whole: object])[] = [
  ["sources", "annotations", { choices: [{ message: { annotations: [{}, {}] } }] }],
  [
    "reasoning",
    "reasoning_content",
    { choices: [{ message: { reasoning_content: expect.stringContaining("brief") } }] },
  ],
  ["file", "gatestream", { gatestream: [{ type: "file", mediaType: "image/png" }] }],
];

test.each(parts)(
  "what else an answer is made of is there, streamed and whole: %s",
  async (...part) => {
    const [scenario, field, expected] = part;
    await using under = await startOpenai();
    const asked = completion(`/scenario ${scenario}`);
    expect(await under.client.chat.completions.create(asked)).toMatchObject(expected);
    const { events } = await readAll(
      await under.client.chat.completions.create({ ...asked, stream: true }),
    );
    expect(JSON.stringify(events)).toContain(`"${field}":`);
  },
);
