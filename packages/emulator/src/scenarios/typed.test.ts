import { expect, test } from "vitest";

import type { DialectName } from "../dialects/dialect.ts";
import { startGateway } from "../testing/gateway.ts";
import { lastCall, question } from "../testing/played.ts";
import { scenarioDialects, scenarioNames, type ScenarioName } from "./scenario-table.ts";

const dialects: readonly DialectName[] = ["genesys", "openai", "openai-responses", "anthropic"];

/** The JSON values of a body: its lines, or the data of its events. */
function valuesIn(body: string): readonly Record<string, unknown>[] {
  return body
    .split("\n")
    .map((line) => line.replace(/^data: /, ""))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Every value of a field, however deep, in order. */
function valuesOf(field: string, value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === field ? [inner] : valuesOf(field, inner),
  );
}

/** Where each dialect has what a scenario is about. */
const fields: Readonly<Record<DialectName, Readonly<Record<string, string>>>> = {
  genesys: {
    reasoning: "content",
    call: "argumentsDelta",
    usage: "inputTokens",
    reason: "finishReason",
  },
  openai: {
    reasoning: "reasoning_content",
    call: "arguments",
    usage: "prompt_tokens",
    reason: "finish_reason",
  },
  "openai-responses": {
    reasoning: "delta",
    call: "delta",
    usage: "input_tokens",
    reason: "type",
  },
  anthropic: {
    reasoning: "thinking",
    call: "partial_json",
    usage: "input_tokens",
    reason: "stop_reason",
  },
};

const reasons: Readonly<Record<DialectName, string>> = {
  genesys: "tool_calls",
  openai: "tool_calls",
  "openai-responses": "response.completed",
  anthropic: "tool_use",
};

async function play(dialect: DialectName, scenario: ScenarioName) {
  await using gateway = await startGateway();
  const response = await gateway.ask(dialect, `/scenario ${scenario} ${question}`);
  expect(response.status).toBe(200);
  const text = await response.text();
  const call = await lastCall(gateway);
  expect(call).toMatchObject({ dialect, scenario, state: "answered" });
  return { text, values: valuesIn(text), sentText: call.sentText };
}

test.each(dialects)(
  "reasoning: three pieces before the answer, in the dialect %s",
  async (dialect) => {
    const { values, text } = await play(dialect, "reasoning");
    const pieces = values
      .flatMap((value) => valuesOf(fields[dialect]["reasoning"] ?? "", value))
      .filter((piece) => piece !== "");
    expect(pieces.slice(0, 3)).toEqual(["They ask a question. ", "I should be ", "brief."]);
    expect(text.indexOf("brief.")).toBeLessThan(text.indexOf('"##"'));
  },
);

test.each(dialects)(
  "tool-call: two calls with arguments in pieces, in the dialect %s",
  async (dialect) => {
    const { values, text, sentText } = await play(dialect, "tool-call");
    const pieces = values.flatMap((value) => valuesOf(fields[dialect]["call"] ?? "", value));
    expect(pieces.join("")).toContain('{"id": 4711}');
    expect(text).toContain("find_order");
    expect(text).toContain("find_customer");
    expect(sentText).not.toBe("");
    const ends = values.flatMap((value) => valuesOf(fields[dialect]["reason"] ?? "", value));
    expect(ends).toContain(reasons[dialect]);
  },
);

const result: Readonly<Record<DialectName, object>> = {
  genesys: {
    configurationId: "cfg-1",
    input: {
      messages: [
        { role: "user", content: "/scenario tool-call" },
        { role: "tool", content: "7" },
      ],
    },
    stream: true,
  },
  openai: {
    model: "m",
    messages: [
      { role: "user", content: "/scenario tool-call" },
      { role: "assistant", content: null, tool_calls: [{ id: "call_1" }] },
      { role: "tool", tool_call_id: "call_1", content: "7" },
    ],
    stream: true,
  },
  "openai-responses": {
    model: "m",
    input: [
      { role: "user", content: [{ type: "input_text", text: "/scenario tool-call" }] },
      { type: "function_call", call_id: "call_1", name: "find_order", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: "7" },
    ],
    stream: true,
  },
  anthropic: {
    model: "m",
    max_tokens: 9,
    messages: [
      { role: "user", content: "/scenario tool-call" },
      { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "7" }] },
    ],
    stream: true,
  },
};

test.each(dialects)(
  "tool-call: with the results there is an answer, in the dialect %s",
  async (dialect) => {
    await using gateway = await startGateway();
    const response = await gateway.ask(dialect, "", { body: result[dialect] });
    expect(await response.text()).not.toContain("find_order");
    expect((await lastCall(gateway)).sentText).toContain("emulator speaking");
  },
);

test.each(dialects)("sources: two of them, in the dialect %s", async (dialect) => {
  const { values } = await play(dialect, "sources");
  const urls = new Set(values.flatMap((value) => valuesOf("url", value)));
  expect(urls).toEqual(new Set(["https://example.com/hours", "https://example.com/contact"]));
});

test.each(scenarioDialects("file"))("file: an image, in the dialect %s", async (dialect) => {
  const { text } = await play(dialect, "file");
  expect(text).toContain("iVBORw0KGgo");
});

test.each(dialects)("usage: what it cost, in the dialect %s", async (dialect) => {
  const { values } = await play(dialect, "usage");
  const told = values.flatMap((value) => valuesOf(fields[dialect]["usage"] ?? "", value));
  expect(told).toContain(10);
});

// What the other dialects have tests of their own for.
const faults: readonly ScenarioName[] = ["cut", "stall", "silent"];

test.each(["openai-responses", "anthropic"] as const)(
  "every other scenario can be played in the dialect %s",
  async (dialect) => {
    await using gateway = await startGateway({ slowFirstTokenMs: 0 });
    for (const scenario of scenarioNames) {
      const content = `/scenario ${scenario} ${question}`;
      if (faults.includes(scenario)) continue;
      const { status } = await gateway.ask(dialect, content);
      if (!scenarioDialects(scenario).includes(dialect))
        expect([scenario, status]).toEqual([scenario, 400]);
      else expect([200, 204, 400, 401, 403, 429, 503]).toContain(status);
    }
  },
);

test("events of a response are numbered, and its items begun and done", async () => {
  const { values } = await play("openai-responses", "tool-call");
  expect(values.map((value) => value["sequence_number"])).toEqual(values.map((_, at) => at));
  const types = values.map(({ type }) => type);
  const added = types.filter((type) => type === "response.output_item.added").length;
  expect(added).toBe(3);
  expect(types.filter((type) => type === "response.output_item.done")).toHaveLength(added);
  expect(types.slice(0, 2)).toEqual(["response.created", "response.in_progress"]);
  expect(types.at(-1)).toBe("response.completed");
});

test("blocks of a message are numbered, begun and stopped", async () => {
  const { values } = await play("anthropic", "reasoning");
  const ofType = (type: string) => values.filter((value) => value["type"] === type);
  expect(ofType("content_block_start").map(({ index }) => index)).toEqual([0, 1]);
  expect(ofType("content_block_stop").map(({ index }) => index)).toEqual([0, 1]);
  expect(values[0]).toMatchObject({ type: "message_start", message: { role: "assistant" } });
  expect(values.at(-1)).toEqual({ type: "message_stop" });
});

test("a key in another header, and a request without the version, are refused as Anthropic does", async () => {
  await using gateway = await startGateway();
  const wrong = await gateway.ask("anthropic", "Hello", { token: "wrong" });
  expect(wrong.status).toBe(401);
  expect(await wrong.json()).toEqual({
    type: "error",
    error: { type: "authentication_error", message: "invalid x-api-key" },
    request_id: wrong.headers.get("request-id"),
  });
  const versionless = await fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": "demo-key" },
    body: "{}",
  });
  expect(versionless.status).toBe(400);
});

test.each([
  ["openai-responses", { model: "m", input: [], stream: true }, "input must be a list"],
  ["openai-responses", { model: "m", input: "Hello" }, "stream must be true"],
  ["openai-responses", { input: "Hello", stream: true }, "model must be"],
  ["anthropic", { model: "m", messages: [], stream: true }, "max_tokens must be"],
  [
    "anthropic",
    { model: "m", max_tokens: 1, messages: [], stream: true },
    "messages must be a list",
  ],
  [
    "anthropic",
    { model: "m", max_tokens: 1, messages: [{ role: "system", content: "x" }], stream: true },
    "messages[0] must have",
  ],
] as const)("%s: the body %j is refused with 400 and a reason", async (dialect, body, reason) => {
  await using gateway = await startGateway();
  const response = await gateway.ask(dialect, "", { body });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(reason);
});
