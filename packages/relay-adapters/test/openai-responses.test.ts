import type { ResponseInputItem, ResponseStreamEvent } from "openai/resources/responses/responses";
import { expect, test } from "vitest";
import { nativeText, readAll, startOpenai } from "./openai-under-test.ts";

const model = "cfg-1";

/** The types of events in their order, those that repeat once. */
function orderOf(events: readonly ResponseStreamEvent[]): readonly string[] {
  return events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
}

/** Without the ids, which are the stream's. */
function withoutIds(output: unknown): unknown {
  return JSON.parse(JSON.stringify(output, (name, value) => (name === "id" ? undefined : value)));
}

test("a text is one message, in the order that the API has, and the last event has all of it", async () => {
  await using under = await startOpenai();
  const text = await nativeText(under.streamUrl);
  const { events } = await readAll(
    await under.client.responses.create({ model, input: "Hello", stream: true }),
  );
  expect(orderOf(events)).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
  expect(events.at(-1)).toMatchObject({
    response: {
      id: expect.stringMatching(/^resp_/),
      object: "response",
      model,
      status: "completed",
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }],
    },
  });
});

test.each(["answer", "reasoning", "tool-call", "sources", "file", "usage", "unknown-type"])(
  "the strict accumulator of the client makes of the events what the last one has: %s",
  async (scenario) => {
    await using under = await startOpenai();
    const asked = { model, input: `/scenario ${scenario}` };
    const stream = under.client.responses.stream(asked);
    const events: ResponseStreamEvent[] = [];
    stream.on("event", (event) => events.push(event));
    const accumulated = await stream.finalResponse();
    // The accumulator takes the last event as it is: all before it must come to the same.
    const items = events.filter((event) => event.type === "response.output_item.done");
    const byIndex = items.toSorted((one, other) => one.output_index - other.output_index);
    const last = events.at(-1);
    const output = last?.type === "response.completed" ? last.response.output : [];
    expect(byIndex.map(({ item }) => item)).toEqual(output);
    const whole = await under.client.responses.create(asked);
    expect(withoutIds(whole.output)).toEqual(withoutIds(output));
    expect(whole.output_text).toBe(accumulated.output_text);
    expect(whole.usage).toEqual(accumulated.usage);
    expect(new Set(whole.output.map(({ type }) => type))).toEqual(
      new Set([
        "message",
        ...(scenario === "reasoning" ? ["reasoning"] : []),
        ...(scenario === "tool-call" ? ["function_call"] : []),
        ...(scenario === "file" ? ["image_generation_call"] : []),
      ]),
    );
  },
);

test("pieces make the items, without the events that repeat them whole", async () => {
  await using under = await startOpenai();
  const pieces = new Map<string, string>();
  const wholes = new Map<string, string>();
  for (const scenario of ["reasoning", "tool-call"]) {
    const asked = { model, input: `/scenario ${scenario}`, stream: true } as const;
    for await (const event of await under.client.responses.create(asked)) {
      if ("delta" in event && "item_id" in event) {
        pieces.set(event.item_id, (pieces.get(event.item_id) ?? "") + event.delta);
      }
      if ("text" in event) wholes.set(event.item_id, event.text);
      if (event.type === "response.function_call_arguments.done") {
        wholes.set(event.item_id, event.arguments);
      }
    }
  }
  expect(wholes.size).toBe(5);
  expect(pieces).toEqual(wholes);
});

test("sources are annotations of the text", async () => {
  await using under = await startOpenai();
  const { output } = await under.client.responses.create({ model, input: "/scenario sources" });
  const [message] = output;
  const [part] = message?.type === "message" ? message.content : [];
  expect(part).toMatchObject({
    annotations: [
      { type: "url_citation", url: "https://example.com/hours", title: "Opening hours" },
      { type: "url_citation", url: "https://example.com/contact", title: "Contact" },
    ],
  });
});

test("what tools have found is sent back with what was put out", async () => {
  await using under = await startOpenai();
  const tools = [
    { type: "function" as const, name: "find_order", parameters: { type: "object" }, strict: true },
  ];
  const asked = { model, tools, tool_choice: "auto" as const };
  const first = await under.client.responses.create({ ...asked, input: "/scenario tool-call" });
  const calls = first.output.filter((item) => item.type === "function_call");
  expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
    ["find_order", { id: 4711 }],
    ["find_customer", { name: "Ada" }],
  ]);
  const next = await under.client.responses.create({
    ...asked,
    input: [
      { role: "user", content: "/scenario tool-call" },
      // Its types allow items that it would not take.
      ...(first.output as ResponseInputItem[]),
      ...calls.map(({ call_id }) => {
        return { type: "function_call_output" as const, call_id, output: "Found." };
      }),
    ],
  });
  expect(next).toMatchObject({ status: "completed", output: [{ type: "message" }] });
});

test("usage is counted as the API does", async () => {
  await using under = await startOpenai();
  const { usage } = await under.client.responses.create({ model, input: "/scenario usage" });
  expect(usage).toEqual({
    input_tokens: expect.any(Number),
    input_tokens_details: { cached_tokens: expect.any(Number) },
    output_tokens: expect.any(Number),
    output_tokens_details: { reasoning_tokens: expect.any(Number) },
    total_tokens: (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
  });
  expect(usage?.total_tokens).toBeGreaterThan(0);
});

test("an answer that reached its length is incomplete", async () => {
  await using under = await startOpenai();
  const asked = { model, input: "/scenario length" };
  const incomplete = {
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
    output: [{ status: "incomplete" }],
  };
  expect(await under.client.responses.create(asked)).toMatchObject(incomplete);
  expect(await under.client.responses.stream(asked).finalResponse()).toMatchObject(incomplete);
});

test.each(["cut", "error-in-middle"])(
  "an answer that broke off has failed, and no loop takes it for whole: %s",
  async (scenario) => {
    await using under = await startOpenai();
    const asked = { model, input: `/scenario ${scenario}` };
    const { events, failure } = await readAll(
      await under.client.responses.create({ ...asked, stream: true }),
    );
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: {
        status: "failed",
        error: { code: "gateway_interrupted" },
        output: [{ status: "incomplete" }],
      },
    });
    expect(failure).toMatchObject({ code: "gateway_interrupted" });
    const code = "gateway_interrupted";
    await expect(under.client.responses.stream(asked).finalResponse()).rejects.toMatchObject({
      code,
    });
    await expect(under.client.responses.create(asked)).rejects.toMatchObject({ status: 502, code });
    // What the gateway has answered is not asked for again.
    expect(under.chatCalls()).toHaveLength(3);
  },
);

test.each<[string, object, RegExp]>([
  ["what OpenAI keeps", { previous_response_id: "resp_1" }, /whole conversation in input/],
  ["a conversation of OpenAI's", { conversation: "conv_1" }, /whole conversation in input/],
  ["a prompt of OpenAI's", { prompt: { id: "p" } }, /instructions and input/],
  ["a hosted tool", { tools: [{ type: "web_search" }] }, /tools\.0 has the type web_search/],
  ["a hosted choice", { tool_choice: { type: "mcp" } }, /tool_choice has the type mcp/],
  [
    "an item",
    { input: [{ type: "item_reference", id: "i" }] },
    /input\.0 refers to .* store: false/,
  ],
  ["another item", { input: [{ type: "mcp_call", id: "i" }] }, /input\.0 has the type mcp_call/],
  [
    "an uploaded image",
    { input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] },
    /input\.0\.content\.0 is an image without image_url/,
  ],
  ["no input", { input: 7 }, /input must be a text or an array/],
  ["what is not to be kept", { background: true, store: false }, /Leave out store/],
  ["an option", { text: { format: { type: "json_object" } } }, /options\.responseFormat/],
])(
  "what the relay cannot do is refused, with what to change: %s",
  async (_what, given, message) => {
    await using under = await startOpenai({ allowedOptions: ["tools", "toolChoice"] });
    const asked = under.client.responses.create({ model, input: "Hello", ...given });
    await expect(asked).rejects.toMatchObject({
      status: 400,
      code: "invalid_request",
      message: expect.stringMatching(message),
    });
    expect(under.chatCalls()).toEqual([]);
  },
);

test("a refusal has its status and code, and is repeated only where nothing was asked", async () => {
  await using under = await startOpenai({ allowedConfigurations: [model] });
  await expect(
    under.client.responses.create({ model: "other", input: "Hello" }),
  ).rejects.toMatchObject({ status: 403, code: "forbidden" });
  await expect(
    under.client.responses.create({ model, input: "/scenario bad-request" }),
  ).rejects.toMatchObject({ status: 400, code: "gateway_rejected" });
  expect(under.chatCalls()).toHaveLength(1);
});

test("leaving the loop aborts the gateway's request, and nothing is kept", async () => {
  await using under = await startOpenai({ emulator: { scenario: "stall" } });
  const stream = await under.client.responses.create({ model, input: "Hello", stream: true });
  let id = "";
  for await (const event of stream) {
    if (event.type === "response.created") id = event.response.id;
    if (event.type === "response.output_text.delta") break;
  }
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
  });
  await expect(under.client.responses.retrieve(id)).rejects.toMatchObject({
    status: 404,
    code: "stream_not_found",
    message: expect.stringMatching(/background: true/),
  });
});

test("without resumption there is no background", async () => {
  await using under = await startOpenai({ resume: "off" });
  await expect(
    under.client.responses.create({ model, input: "Hello", background: true }),
  ).rejects.toThrow(/resume is off/);
});

test("an answer that is longer than the relay keeps has failed, and nothing comes behind that", async () => {
  await using under = await startOpenai({
    maxLogBytes: 1024,
    emulator: { tokensPerSecond: 1_000 },
  });
  const asked = { model, input: "/scenario many-tokens 200000", stream: true } as const;
  const { events, failure } = await readAll(await under.client.responses.create(asked));
  expect(events.at(-1)?.type).toBe("response.failed");
  expect(failure).toMatchObject({ code: "gateway_protocol_error" });
  expect(await under.untilObserved("stream_ended")).toMatchObject({ ending: "cancelled" });
  const response = await fetch(`${under.url}/api/llm/v1/responses`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  const frames = (await response.text()).trimEnd().split("\n\n");
  const isError = (frame: string) => frame.startsWith("event: error");
  expect(frames.findIndex(isError)).toBe(frames.length - 1);
});
