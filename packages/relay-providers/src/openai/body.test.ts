import { expect, test } from "vitest";
import { chatBody } from "./body.ts";

/** What is sent: JSON leaves out what is undefined. */
function sent(...given: Parameters<typeof chatBody>): unknown {
  return JSON.parse(JSON.stringify(chatBody(...given)));
}

test("parts, calls and results are sent as a chat completion takes them", () => {
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
      content: "",
      toolCalls: [{ callId: "c1", name: "find", arguments: "{}" }],
    },
    { role: "tool", content: "4711", toolCallId: "c1" },
  ];
  expect(sent({ messages }, "max_tokens")).toEqual({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "https://example.com/a.png" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "find", arguments: "{}" } }],
      },
      { role: "tool", content: "4711", tool_call_id: "c1" },
    ],
  });
});

test("options are sent in the words of the API", () => {
  const options = {
    temperature: 0.2,
    maxOutputTokens: 100,
    stopSequences: ["END"],
    seed: 7,
    responseFormat: { type: "json" as const },
    tools: [{ name: "find", description: "Finds.", parameters: { type: "object" } }],
    toolChoice: { name: "find" },
  };
  expect(sent({ messages: [], options }, "max_completion_tokens")).toEqual({
    messages: [],
    temperature: 0.2,
    max_completion_tokens: 100,
    stop: ["END"],
    seed: 7,
    response_format: { type: "json_object" },
    tools: [
      {
        type: "function",
        function: { name: "find", description: "Finds.", parameters: { type: "object" } },
      },
    ],
    tool_choice: { type: "function", function: { name: "find" } },
  });
});

test.each([
  [{ type: "text" as const }, { type: "text" }],
  [
    { type: "json" as const, schema: { type: "object" }, name: "order" },
    { type: "json_schema", json_schema: { name: "order", schema: { type: "object" } } },
  ],
  [
    { type: "json" as const, schema: {} },
    { type: "json_schema", json_schema: { name: "answer", schema: {} } },
  ],
])("the format %j", (responseFormat, expected) => {
  expect(
    sent({ messages: [], options: { responseFormat, toolChoice: "required" } }, "max_tokens"),
  ).toEqual({ messages: [], response_format: expected, tool_choice: "required" });
});
