import { expect, test } from "vitest";
import { continuedMessageId, messagesOf } from "./messages.ts";

const step = { type: "step-start" };
const text = (said: string) => ({ type: "text", text: said });
const call = (toolCallId: string, output?: unknown) => ({
  type: "dynamic-tool",
  toolName: "find",
  toolCallId,
  input: { id: 1 },
  ...(output === undefined ? { state: "input-available" } : { state: "output-available", output }),
});
const called = (callId: string) => ({ callId, name: "find", arguments: '{"id":1}' });
const result = (toolCallId: string, content: string) => ({ role: "tool", toolCallId, content });

test("calls of one step stand together, and those of the next one behind their results", () => {
  const parts = [step, text("I look."), call("c1", "One."), call("c2", { two: 2 })];
  const rounds = [...parts, step, call("c3", "Three."), step, text("Found.")];
  expect(messagesOf([{ id: "a-1", role: "assistant", parts: rounds }])).toEqual([
    { role: "assistant", content: "I look.", toolCalls: [called("c1"), called("c2")] },
    result("c1", "One."),
    result("c2", '{"two":2}'),
    { role: "assistant", content: "", toolCalls: [called("c3")] },
    result("c3", "Three."),
    { role: "assistant", content: "Found." },
  ]);
});

test("a call that failed has its error as result, and one that is not finished is none", () => {
  const failed = { ...call("c1"), state: "output-error", errorText: "No such order." };
  const unfinished = { ...call("c2"), state: "input-streaming" };
  expect(messagesOf([{ id: "a-1", role: "assistant", parts: [failed, unfinished] }])).toEqual([
    { role: "assistant", content: "", toolCalls: [called("c1")] },
    result("c1", "No such order."),
  ]);
});

test("images of a question are sent, and what an answer shows besides its text is not", () => {
  const image = { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAAA" };
  const photo = { type: "file", mediaType: "image/jpeg", url: "https://example.com/a.jpg" };
  const shown = [{ type: "reasoning", text: "Hm." }, { type: "source-url", url: "x" }, image];
  expect(
    messagesOf([
      { id: "q-1", role: "user", parts: [text("What is this?"), image, photo] },
      { id: "a-1", role: "assistant", parts: [...shown, text("A dot.")] },
    ]),
  ).toEqual([
    {
      role: "user",
      content: [
        text("What is this?"),
        { type: "image", data: "AAAA", mediaType: "image/png" },
        { type: "image", url: "https://example.com/a.jpg", mediaType: "image/jpeg" },
      ],
    },
    { role: "assistant", content: "A dot." },
  ]);
});

test("an answer continues the assistant's message that it is asked for, and no other", () => {
  const question = { id: "q-1", role: "user", parts: [] };
  const answer = { id: "a-1", role: "assistant", parts: [] };
  const idFor = (trigger: string, messageId: string | undefined, ...messages: object[]) =>
    continuedMessageId({ trigger, messageId, messages: messages as (typeof question)[] });
  expect(idFor("submit-message", undefined, question)).toBeUndefined();
  expect(idFor("submit-message", undefined, question, answer)).toBe("a-1");
  expect(idFor("submit-message", "a-1", question, answer, { ...question, id: "q-2" })).toBe("a-1");
  expect(idFor("submit-message", "q-1", question)).toBeUndefined();
  expect(idFor("regenerate-message", "a-2", question, answer)).toBeUndefined();
});
