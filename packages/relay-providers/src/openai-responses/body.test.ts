import { expect, test } from "vitest";
import { responsesBody } from "./body.ts";

/** What is sent: JSON leaves out what is undefined. */
function sent(request: Parameters<typeof responsesBody>[0]): unknown {
  return JSON.parse(JSON.stringify(responsesBody(request)));
}

test("a conversation is items: messages, calls and their results", () => {
  const messages = [
    { role: "system", content: "Be short." },
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
      content: [{ type: "text" as const, text: "I look." }],
      toolCalls: [{ callId: "a", name: "find", arguments: "{}" }],
    },
    { role: "tool", content: "4711", toolCallId: "a" },
    { role: "assistant", content: "", toolCalls: [{ callId: "b", name: "list", arguments: "{}" }] },
  ];
  expect(sent({ messages })).toEqual({
    input: [
      { role: "system", content: "Be short." },
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: "https://example.com/a.png" },
          { type: "input_image", image_url: "data:image/png;base64,AAAA" },
        ],
      },
      { role: "assistant", content: [{ type: "output_text", text: "I look." }] },
      { type: "function_call", call_id: "a", name: "find", arguments: "{}" },
      { type: "function_call_output", call_id: "a", output: "4711" },
      { type: "function_call", call_id: "b", name: "list", arguments: "{}" },
    ],
  });
});

test("options are sent in the words of the API, which has no stop sequences and no seed", () => {
  const parameters = { type: "object" };
  const options = {
    temperature: 0.2,
    maxOutputTokens: 7,
    stopSequences: ["END"],
    seed: 7,
    responseFormat: { type: "json" as const, schema: parameters },
    tools: [{ name: "find", description: "Finds.", parameters }, { name: "list" }],
    toolChoice: { name: "find" },
  };
  expect(sent({ messages: [], options })).toEqual({
    input: [],
    temperature: 0.2,
    max_output_tokens: 7,
    text: { format: { type: "json_schema", name: "answer", schema: parameters } },
    tools: [
      { type: "function", name: "find", description: "Finds.", parameters, strict: false },
      { type: "function", name: "list", parameters: null, strict: false },
    ],
    tool_choice: { type: "function", name: "find" },
  });
});

test.each([
  [{ type: "text" as const }, { type: "text" }],
  [{ type: "json" as const }, { type: "json_object" }],
])("the format %j", (responseFormat, format) => {
  expect(sent({ messages: [], options: { responseFormat, toolChoice: "none" } })).toEqual({
    input: [],
    text: { format },
    tool_choice: "none",
  });
});
