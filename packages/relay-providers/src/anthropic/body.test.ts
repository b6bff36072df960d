import { expect, test } from "vitest";
import { messagesBody } from "./body.ts";

/** What is sent: JSON leaves out what is undefined. */
function sent(request: Parameters<typeof messagesBody>[0]): unknown {
  return JSON.parse(JSON.stringify(messagesBody(request, 100)));
}

test("a plain conversation is sent as it is, with the limit that the API wants", () => {
  const messages = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hi." },
    { role: "user", content: "Bye" },
  ];
  expect(sent({ messages })).toEqual({ messages, max_tokens: 100 });
});

test("what the system says stands apart, joined", () => {
  const messages = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hello" },
    { role: "developer", content: [{ type: "text" as const, text: "Be kind." }] },
  ];
  expect(sent({ messages })).toEqual({
    system: "Be short.\n\nBe kind.",
    messages: [{ role: "user", content: "Hello" }],
    max_tokens: 100,
  });
});

test("images, calls and their results are blocks, the results of several calls one turn", () => {
  const messages = [
    {
      role: "user",
      content: [
        { type: "text" as const, text: "What is this?" },
        { type: "image" as const, url: "https://example.com/a.png" },
        { type: "image" as const, data: "AAAA", mediaType: "image/png" },
      ],
    },
    {
      role: "assistant",
      content: "I look.",
      toolCalls: [
        { callId: "a", name: "find", arguments: '{"id":1}' },
        { callId: "b", name: "list", arguments: "" },
      ],
    },
    { role: "tool", content: "4711", toolCallId: "a" },
    { role: "tool", content: [{ type: "text" as const, text: "none" }], toolCallId: "b" },
    { role: "user", content: "And?" },
    { role: "assistant", content: "", toolCalls: [{ callId: "c", name: "f", arguments: "{}" }] },
  ];
  expect(sent({ messages })).toEqual({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "I look." },
          { type: "tool_use", id: "a", name: "find", input: { id: 1 } },
          { type: "tool_use", id: "b", name: "list", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "4711" },
          { type: "tool_result", tool_use_id: "b", content: [{ type: "text", text: "none" }] },
          { type: "text", text: "And?" },
        ],
      },
      { role: "assistant", content: [{ type: "tool_use", id: "c", name: "f", input: {} }] },
    ],
    max_tokens: 100,
  });
});

test("options are sent in the words of the API; a seed is not, nor JSON without a schema", () => {
  const parameters = { type: "object", properties: {} };
  const schema = { type: "object" };
  const options = {
    temperature: 0.2,
    maxOutputTokens: 7,
    stopSequences: ["END"],
    seed: 7,
    responseFormat: { type: "json" as const, schema, name: "order" },
    tools: [{ name: "find", description: "Finds.", parameters }, { name: "list" }],
    toolChoice: { name: "find" },
  };
  expect(sent({ messages: [], options })).toEqual({
    messages: [],
    max_tokens: 7,
    temperature: 0.2,
    stop_sequences: ["END"],
    output_config: { format: { type: "json_schema", schema } },
    tools: [
      { name: "find", description: "Finds.", input_schema: parameters },
      { name: "list", input_schema: { type: "object" } },
    ],
    tool_choice: { type: "tool", name: "find" },
  });
  const json = { responseFormat: { type: "json" as const } };
  expect(sent({ messages: [], options: json })).toEqual({ messages: [], max_tokens: 100 });
});

test.each([
  ["auto", "auto"],
  ["none", "none"],
  ["required", "any"],
] as const)("the tool choice %s is %s", (toolChoice, type) => {
  expect(sent({ messages: [], options: { toolChoice } })).toMatchObject({ tool_choice: { type } });
});
