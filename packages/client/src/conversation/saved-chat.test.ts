import { expect, test } from "vitest";
import { isStreamError, StreamError } from "../stream-error.ts";
import { fromSavedChat, toSavedMessage } from "./saved-chat.ts";

const question = { id: "1", role: "user", content: "Hello" };
const answer = { id: "2", role: "assistant", content: "Hel", status: "done" } as const;
const checkpoint = { streamId: "s-1", lastEventId: 3, text: "Hel" };
const error = { code: "network", message: "No.", retryable: true };

test("a conversation is the same after JSON", () => {
  const failure = new StreamError("stalled", "Silence.", { text: answer.content });
  const messages = [
    question,
    { ...answer, reason: "length" },
    { ...answer, id: "3", status: "cancelled" as const },
    { ...answer, id: "4", status: "error" as const, error: failure },
  ];
  const json = JSON.stringify({ messages: messages.map(toSavedMessage), checkpoint });
  const restored = fromSavedChat(JSON.parse(json));
  expect(restored).toMatchObject({ messages, checkpoint });
  expect(isStreamError(restored?.messages.at(-1)?.error)).toBe(true);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a number", 7],
  ["a list", [question]],
  ["messages that are no list", { messages: "Hello" }],
  ["a message that is none", { messages: [question, null] }],
  ["a message without an id", { messages: [{ role: "user", content: "Hello" }] }],
  ["a content that is no text", { messages: [{ ...question, content: 7 }] }],
  ["a status that nobody knows", { messages: [{ ...answer, status: "lost" }] }],
  ["a reason that is no text", { messages: [{ ...answer, reason: 7 }] }],
  ["an error without a code", { messages: [{ ...answer, error: { ...error, code: 1 } }] }],
  ["an error that is none", { messages: [{ ...answer, error: "No." }] }],
])("%s is no conversation", (_, value) => {
  expect(fromSavedChat(value)).toBeUndefined();
});

test("an answer's parts are the same after JSON, and saved only where they are more than text", () => {
  const parts = [
    { type: "reasoning", text: "Hm" },
    { type: "text", text: "Hel" },
    { type: "tool_call", callId: "c1", name: "find", arguments: "{}", isComplete: true },
    { type: "source", sourceId: "1", url: "https://example.com" },
    { type: "file", mediaType: "image/png", url: "https://example.com/a.png" },
  ] as const;
  const text = [{ type: "text", text: "Hel" }] as const;
  const messages = [
    { ...answer, parts },
    { ...answer, id: "3", parts: text },
  ];
  const saved = messages.map(toSavedMessage);
  expect(saved).toEqual([messages[0], { ...answer, id: "3" }]);
  const restored = fromSavedChat(JSON.parse(JSON.stringify({ messages: saved })));
  expect(restored?.messages).toEqual(messages);
});

test.each([
  ["are no list", "Hello"],
  ["hold nothing", [null]],
  ["hold one without a type", [{ text: "Hel" }]],
])("parts that %s are replaced by the text", (_, parts) => {
  const restored = fromSavedChat({ messages: [question, { ...answer, parts }] });
  expect(restored?.messages[1]).toEqual({ ...answer, parts: [{ type: "text", text: "Hel" }] });
});

test.each([
  ["half of one", { streamId: "s-1" }],
  ["a place that is no number", { ...checkpoint, lastEventId: "3" }],
  ["a place between two events", { ...checkpoint, lastEventId: 0.5 }],
  ["a text that is none", { ...checkpoint, text: null }],
  ["parts that are none", { ...checkpoint, parts: [7] }],
])("a checkpoint that is %s is left out", (_, value) => {
  const saved = { messages: [question, answer], checkpoint: value };
  expect(fromSavedChat(saved)).toMatchObject({
    messages: [question, answer],
    checkpoint: undefined,
  });
});

test("a checkpoint without an answer to resume is ignored", () => {
  expect(fromSavedChat({ messages: [question], checkpoint })).toEqual({
    messages: [question],
    branches: [],
    draft: "",
  });
});

test("what a later version may have added is dropped", () => {
  const saved = { version: 2, messages: [{ ...question, mood: "good" }] };
  expect(fromSavedChat(saved)).toEqual({ messages: [question], branches: [], draft: "" });
});
