import { assert, expect, test } from "vitest";
import { isRelayError } from "../errors.ts";
import { answerOptionNames, readStreamRequest as read } from "./stream-request.ts";

const message = { role: "user", content: "Hello" };
const request = { configurationId: "cfg-1", messages: [message] };

function problemWith(body: unknown): string {
  try {
    read(body);
  } catch (failure) {
    assert(isRelayError(failure));
    expect(failure).toMatchObject({ code: "invalid_request", status: 400, retryable: false });
    return failure.message;
  }
  throw new Error("It was taken.");
}

test("a request is taken as it is", () => {
  expect(read(request)).toEqual(request);
  for (const onDisconnect of ["abort", "detach"]) {
    expect(read({ ...request, onDisconnect })).toEqual({ ...request, onDisconnect });
  }
});

test("text is never trimmed, and may be empty", () => {
  const messages = [
    { role: "system", content: "" },
    { role: "user", content: " \n Hi \n" },
  ];
  expect(read({ ...request, messages }).messages).toEqual(messages);
});

test.each<[unknown, string]>([
  [{ messages: [message] }, "configurationId is required."],
  [{ ...request, configurationId: "" }, "configurationId must not be empty."],
  [{ ...request, configurationId: 7 }, "configurationId must be a string."],
  [{ ...request, configurationId: null }, "configurationId must be a string."],
  [{ configurationId: "cfg-1" }, "messages is required."],
  [{ ...request, messages: "Hello" }, "messages must be an array of messages."],
  [{ ...request, messages: {} }, "messages must be an array of messages."],
  [{ ...request, messages: [] }, "messages must hold at least one message."],
  [
    { ...request, messages: Array.from({ length: 257 }, () => message) },
    "messages must not hold more than 256 messages.",
  ],
  [{ ...request, messages: ["Hi"] }, "messages.0 must be an object with role and content."],
  [
    { ...request, messages: [message, null] },
    "messages.1 must be an object with role and content.",
  ],
  [{ ...request, messages: [{ content: "Hi" }] }, "messages.0.role is required."],
  [{ ...request, messages: [{ role: "", content: "Hi" }] }, "messages.0.role must not be empty."],
  [{ ...request, messages: [{ role: "user" }] }, "messages.0.content is required."],
  [
    { ...request, messages: [{ role: "user", content: ["Hi"] }] },
    'messages.0.content.0 must be {"type":"text"} or {"type":"image"}.',
  ],
  [
    { ...request, messages: [message, { role: "user", content: "x".repeat(200_001) }] },
    "messages.1.content must not be longer than 200000 characters.",
  ],
  [{ ...request, onDisconnect: "stay" }, 'onDisconnect must be "abort" or "detach".'],
  [{ ...request, onDisconnect: null }, 'onDisconnect must be "abort" or "detach".'],
  [{ ...request, stream: true }, "stream is not a field of this request."],
  [null, "the body must be an object."],
  ["text", "the body must be an object."],
  [[], "the body must be an object."],
  [undefined, "the body is required."],
])("%j is refused: %s", (body, problem) => {
  expect(problemWith(body)).toBe(problem);
});

test("all problems are reported at once", () => {
  const problem = problemWith({
    messages: [{ role: 1, content: "Hi" }, { role: "user" }],
    onDisconnect: "stay",
    temperature: 1,
    stream: true,
    ["__proto__x"]: 1,
  });
  for (const field of [
    "configurationId is required",
    "messages.0.role must be a string",
    "messages.1.content is required",
    'onDisconnect must be "abort" or "detach"',
    "temperature is not a field of this request",
    "stream is not a field of this request",
    "__proto__x is not a field of this request",
  ]) {
    expect(problem).toContain(field);
  }
});

test("no problem repeats what the body holds", () => {
  const secret = "the caller's own words";
  const problem = problemWith({
    configurationId: [secret],
    messages: [{ role: "user", content: secret }],
    onDisconnect: secret,
  });
  expect(problem).not.toContain(secret);
});

test("fields of a message that the relay does not know are dropped, not sent on", () => {
  const messages = [{ ...message, id: "m-1", createdAt: 0 }];
  expect(read({ ...request, messages })).toEqual(request);
});

const image = { type: "image", url: "https://example.com/a.png" };
const schema = { type: "object", properties: {} };

test.each<readonly [string, object]>([
  ["a conversation", { conversationId: "case:4711/a@b.c-d_e" }],
  ["metadata", { metadata: { queue: "billing", "any name": "" } }],
  ["parts", { messages: [{ role: "user", content: [{ type: "text", text: "Hi" }, image] }] }],
  [
    "an image's data",
    {
      messages: [
        { role: "user", content: [{ type: "image", data: "aGk=", mediaType: "image/png" }] },
      ],
    },
  ],
  [
    "a tool's result",
    {
      messages: [
        message,
        {
          role: "assistant",
          content: "",
          toolCalls: [{ callId: "c1", name: "find", arguments: "{}" }],
        },
        { role: "tool", toolCallId: "c1", content: "Found." },
      ],
    },
  ],
  [
    "options",
    {
      options: {
        temperature: 0,
        maxOutputTokens: 100,
        stopSequences: ["END"],
        seed: 1,
        responseFormat: { type: "json", schema, name: "order" },
        tools: [{ name: "find", description: "Finds.", parameters: schema }],
        toolChoice: { name: "find" },
      },
    },
  ],
])("%s may come with it", (_what, fields) => {
  const given = { ...request, ...fields };
  expect(read(given, answerOptionNames)).toEqual(given);
});

test.each<readonly [object, string]>([
  [{ conversationId: "" }, "conversationId must be 1 to 200 letters, digits or"],
  [{ conversationId: "a b" }, "conversationId must be 1 to 200 letters, digits or"],
  [{ conversationId: "x".repeat(201) }, "conversationId must be 1 to 200 letters, digits or"],
  [{ metadata: ["a"] }, "metadata must be an object of strings"],
  [{ metadata: { a: 1 } }, "metadata.a must be a string"],
  [{ metadata: { a: "x".repeat(513) } }, "metadata.a must not be longer than 512 characters"],
  [{ metadata: { ["x".repeat(65)]: "" } }, "must have a name of 1 to 64 characters"],
  [
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, ""])) },
    "metadata must not hold more than 16 keys",
  ],
  [{ messages: [{ role: "user", content: [] }] }, "messages.0.content must hold at least one part"],
  [
    { messages: [{ role: "user", content: [{ type: "audio" }] }] },
    'messages.0.content.0 must be {"type":"text"} or {"type":"image"}',
  ],
  [
    { messages: [{ role: "user", content: [{ type: "image" }] }] },
    "messages.0.content.0 must have url or data",
  ],
  [
    { messages: [{ role: "user", content: [{ type: "image", data: "aGk=" }] }] },
    "messages.0.content.0 must have a mediaType",
  ],
  [
    {
      messages: [{ role: "user", content: [{ type: "image", url: "data:image/png;base64,aGk=" }] }],
    },
    "messages.0.content.0.url must be an http or https URL",
  ],
  [
    {
      messages: [
        {
          role: "user",
          content: Array.from({ length: 3 }, () => ({ type: "text", text: "x".repeat(70_000) })),
        },
      ],
    },
    "messages.0.content must not be longer than 200000 characters",
  ],
  [{ options: 1 }, "options must be an object"],
  [{ options: { top_p: 1 } }, "options.top_p is not a field of this request"],
  [{ options: { temperature: 3 } }, "options.temperature must be a number from 0 to 2"],
  [{ options: { maxOutputTokens: 1.5 } }, "options.maxOutputTokens must be an integer from 1"],
  [{ options: { tools: [{ name: "a b" }] } }, "options.tools.0.name must be 1 to 64 letters"],
  [
    { options: { tools: [{ name: "a", parameters: nested(70) }] } },
    "options.tools.0.parameters must not be nested deeper than 64 levels",
  ],
  [{ options: { toolChoice: "find" } }, 'options.toolChoice must be "auto", "none", "required"'],
])("%j is refused: %s", (fields, problem) => {
  expect(problemWith({ ...request, ...fields })).toContain(problem);
});

function nested(levels: number): object {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

test("an option that is not allowed is refused by its name", () => {
  const options = { temperature: 1, seed: 1 };
  expect(problemWith({ ...request, options })).toBe(
    "options.temperature is not one that this relay allows; options.seed is not one that this relay allows.",
  );
  expect(() => read({ ...request, options }, ["seed"])).toThrow(/^options\.temperature is not one/);
});

test("the limits are inclusive", () => {
  const content = "x".repeat(200_000);
  const messages = Array.from({ length: 256 }, () => ({ role: "user", content }));
  expect(read({ ...request, messages }).messages).toHaveLength(256);
});

test("a key named like a part of every object is a stranger too", () => {
  const body: unknown = JSON.parse(
    '{"configurationId":"c","messages":[{"role":"user","content":""}],"__proto__":{"a":1}}',
  );
  const taken = ((): unknown => {
    try {
      return read(body);
    } catch (failure) {
      return failure;
    }
  })();
  expect(isRelayError(taken) || !("a" in Object(taken))).toBe(true);
});

test("a million wrong messages are one problem, and a hundred wrong ones a short answer", () => {
  const million = { ...request, messages: Array.from({ length: 1_000_000 }, () => 1) };
  expect(problemWith(million)).toBe("messages must not hold more than 256 messages.");
  const hundred = { ...request, messages: Array.from({ length: 100 }, () => 1) };
  expect(() => read(hundred)).toThrow(/messages\.9 must be an object.*; and 90 more\.$/);
  const longName = { ...request, ["x".repeat(10_000)]: 1 };
  expect(problemWith(longName).length).toBeLessThan(200);
});
