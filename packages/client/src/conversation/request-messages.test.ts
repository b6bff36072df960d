import { expect, test } from "vitest";
import { gatewayCall } from "../testing/gateway-call.ts";
import type { InitialMessage } from "./chat-message.ts";
import { requestMessages } from "./request-messages.ts";
import { ended, relayChat } from "./testing/relay-chat.ts";
import { typedQuestion } from "./testing/typed-question.ts";

/** Earlier exchanges: `question 1`, `answer 1` and so on, each padded to `length`. */
function exchanges(count: number, length = 0): readonly InitialMessage[] {
  return Array.from({ length: count }, (_, index) => [
    { role: "user" as const, content: `question ${index + 1}`.padEnd(length, ".") },
    { role: "assistant" as const, content: `answer ${index + 1}`.padEnd(length, ".") },
  ]).flat();
}

/** Sends one more question with `earlier` before it; resolves with what the gateway received. */
async function receivedAfter(earlier: readonly InitialMessage[]) {
  const { text, question } = typedQuestion();
  const chat = relayChat({ initialMessages: earlier });
  chat.send(text);
  const { status, error } = await ended(chat);
  expect([status, error]).toEqual(["done", undefined]);
  const { body } = await gatewayCall({ question, state: "answered" });
  const { messages } = (body as { input: { messages: { role: string; content: string }[] } }).input;
  expect(messages.at(-1)).toEqual({ role: "user", content: text });
  return messages;
}

test("the 129th question is answered: the oldest exchange is not sent, instructions are", async () => {
  const instructions = { role: "system" as const, content: "Be brief." };
  const messages = await receivedAfter([instructions, ...exchanges(128)]);
  expect(messages).toHaveLength(256);
  expect(messages[0]).toEqual(instructions);
  expect(messages[1]).toEqual({ role: "user", content: "question 2" });
});

test("a question after an answer above maxContentChars is answered: the answer is cut", async () => {
  const messages = await receivedAfter([
    { role: "user", content: "Tell me everything." },
    { role: "assistant", content: "x".repeat(200_001) },
  ]);
  expect(messages.map(({ content }) => content.length).slice(0, 2)).toEqual([19, 200_000]);
});

test("a question after one above maxContentChars is answered: the long one is not sent", async () => {
  const messages = await receivedAfter([
    ...exchanges(1),
    { role: "user", content: "x".repeat(200_001) },
    { role: "assistant", content: "" },
  ]);
  expect(messages.slice(0, -1).map(({ content }) => content)).toEqual(["question 1", "answer 1"]);
});

test("a conversation above maxBodyBytes is answered: the oldest exchanges are not sent", async () => {
  const messages = await receivedAfter(exchanges(10, 100_000));
  expect(messages).toHaveLength(11);
  expect(messages[0]?.content).toMatch(/^question 6/);
});

test("limits of a relay that accepts less are the caller's to set", () => {
  const messages = [...exchanges(3), { role: "user" as const, content: "last" }].map(
    ({ role, content }) => ({ id: "", role, content }),
  );
  const sent = (limits: Parameters<typeof requestMessages>[1]) =>
    requestMessages(messages, limits).messages.map(({ content }) => content);
  expect(sent({ maxMessages: 4 })).toEqual(["question 3", "answer 3", "last"]);
  expect(sent({ maxContentChars: 8 })).toEqual(["last"]);
  expect(sent({ maxBodyBytes: 1 })).toEqual(["last"]);
});

test("a cut does not leave half a character", () => {
  const messages = [
    { id: "1", role: "user" as const, content: "?" },
    { id: "2", role: "assistant" as const, content: "ab😀" },
    { id: "3", role: "user" as const, content: "?" },
  ];
  expect(requestMessages(messages, { maxContentChars: 3 }).messages[1]?.content).toBe("ab");
});

test("a tool call and its result are sent together, or not at all", () => {
  const call = { type: "tool_call", callId: "c1", name: "find", arguments: "{}" } as const;
  const turn = (number: number) => [
    { id: `q${number}`, role: "user" as const, content: `question ${number}` },
    {
      id: `a${number}`,
      role: "assistant" as const,
      content: "",
      parts: [{ ...call, isComplete: true, result: "found" }],
    },
    { id: `b${number}`, role: "assistant" as const, content: `answer ${number}` },
  ];
  const conversation = [...turn(1), ...turn(2), { id: "q3", role: "user", content: "last" }];
  const sent = (limits: Parameters<typeof requestMessages>[1]) =>
    requestMessages(conversation, limits).messages.map(({ role }) => role);
  const one = ["user", "assistant", "tool", "assistant"];
  expect(sent({})).toEqual([...one, ...one, "user"]);
  for (const maxMessages of [5, 6, 7, 8]) expect(sent({ maxMessages })).toEqual([...one, "user"]);
  expect(sent({ maxMessages: 4 })).toEqual(["user"]);
  // The exchange that is asked about is sent whole.
  const open = requestMessages(turn(1).slice(0, 2), { maxMessages: 1, maxBodyBytes: 1 });
  expect(open.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
});

test("the tools of a request take their place in it", () => {
  const messages = [...exchanges(2, 1000), { role: "user" as const, content: "last" }].map(
    ({ role, content }) => ({ id: "", role, content }),
  );
  const tools = [{ name: "find", description: "x".repeat(2000) }];
  const limits = { maxBodyBytes: 4096 + 4500 };
  expect(requestMessages(messages, limits).messages).toHaveLength(5);
  expect(requestMessages(messages, limits, { tools }).messages).toHaveLength(3);
});
