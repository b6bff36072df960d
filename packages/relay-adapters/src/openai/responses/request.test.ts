import { expect, test } from "vitest";
import { readResponseRequest } from "./request.ts";

const allowed = ["temperature", "maxOutputTokens", "responseFormat", "tools", "toolChoice"];

/** What the relay is asked: JSON leaves out what is undefined. */
function bodyOf(request: object, allowedOptions = allowed): unknown {
  return JSON.parse(JSON.stringify(readResponseRequest(request, allowedOptions).body));
}

test("a text is what the user says, behind the instructions", () => {
  expect(bodyOf({ model: "m", instructions: "Be short.", input: "Hello" })).toEqual({
    configurationId: "m",
    messages: [
      { role: "system", content: "Be short." },
      { role: "user", content: "Hello" },
    ],
  });
});

test("items are messages: calls belong to the text before them, and thoughts are left out", () => {
  const input = [
    { role: "developer", content: "Be short." },
    { type: "message", role: "user", content: [{ type: "input_text", text: "Orders?" }] },
    { type: "reasoning", id: "rs_1", summary: [] },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }] },
    { type: "function_call", call_id: "a", name: "find", arguments: "{}" },
    { type: "function_call", call_id: "b", name: "list", arguments: "[]" },
    { type: "function_call_output", call_id: "a", output: "4711" },
    { type: "function_call_output", call_id: "b", output: [{ type: "input_text", text: "none" }] },
    { type: "function_call", call_id: "c", name: "find", arguments: "{}" },
  ];
  expect(bodyOf({ model: "m", input })).toMatchObject({
    messages: [
      { role: "system", content: "Be short." },
      { role: "user", content: "Orders?" },
      {
        role: "assistant",
        content: "I look.",
        toolCalls: [
          { callId: "a", name: "find", arguments: "{}" },
          { callId: "b", name: "list", arguments: "[]" },
        ],
      },
      { role: "tool", toolCallId: "a", content: "4711" },
      { role: "tool", toolCallId: "b", content: "none" },
      { role: "assistant", content: "", toolCalls: [{ callId: "c" }] },
    ],
  });
});

test("images are parts, by their address or as data", () => {
  const content = [
    { type: "input_text", text: "What is this?" },
    { type: "input_image", image_url: "https://example.com/a.png" },
    { type: "input_image", image_url: "data:image/png;base64,AAAA" },
  ];
  expect(bodyOf({ model: "m", input: [{ role: "user", content }] })).toMatchObject({
    messages: [
      {
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", url: "https://example.com/a.png" },
          { type: "image", data: "AAAA", mediaType: "image/png" },
        ],
      },
    ],
  });
});

test("options are the relay's; a temperature that is not allowed is left out, null is nothing", () => {
  const schema = { type: "object" };
  const request = {
    model: "m",
    input: "Hello",
    temperature: 0.2,
    max_output_tokens: 100,
    text: { format: { type: "json_schema", name: "order", schema, strict: true } },
    tools: [
      { type: "function", name: "find", description: null, parameters: schema, strict: null },
    ],
    tool_choice: { type: "function", name: "find" },
    previous_response_id: null,
    reasoning: { effort: "low" },
  };
  const options = {
    maxOutputTokens: 100,
    responseFormat: { type: "json", schema, name: "order" },
    tools: [{ name: "find", parameters: schema }],
    toolChoice: { name: "find" },
  };
  expect(bodyOf(request)).toMatchObject({ options: { ...options, temperature: 0.2 } });
  const others = allowed.filter((name) => name !== "temperature");
  expect(bodyOf(request, others)).toMatchObject({ options });
  expect(bodyOf({ model: "m", input: "Hello", temperature: 0.2 }, [])).not.toHaveProperty(
    "options",
  );
  expect(
    bodyOf({
      model: "m",
      input: "Hello",
      max_output_tokens: null,
      text: { format: { type: "text" } },
    }),
  ).not.toHaveProperty("options");
});
