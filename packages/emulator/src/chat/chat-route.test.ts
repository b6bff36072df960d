import { expect, test } from "vitest";

import { maxBodyBytes } from "../http/read-body.ts";
import { chatBody, startGateway } from "../testing/gateway.ts";
import { eventsIn, textOf } from "../testing/ndjson.ts";
import { createTestClock } from "../testing/test-clock.ts";

const question = "How do I reset my password?";

test("an answer is NDJSON: tokens counted from 0, then stop with their number", async () => {
  await using gateway = await startGateway();
  const response = await gateway.chat(question);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const text = await response.text();
  const events = eventsIn(text);
  const tokens = events.slice(0, -1);
  expect(tokens.every(({ type }) => type === "token")).toBe(true);
  expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));
  expect(text.endsWith(`{"type":"stop","index":${tokens.length},"finishReason":"stop"}\n`)).toBe(
    true,
  );
});

test("what was read equals what the call says was sent", async () => {
  await using gateway = await startGateway();
  const text = textOf(eventsIn(await (await gateway.chat(question)).text()));
  const call = await gateway.emulator.waitFor(
    ({ kind, state }) => kind === "chat" && state !== "open",
  );
  expect(call).toMatchObject({
    kind: "chat",
    scenario: "answer",
    status: 200,
    state: "answered",
    sentText: text,
    body: chatBody(question),
  });
  expect(call.headers["content-type"]).toBe("application/json");
  expect(call.endedAt).toBeGreaterThanOrEqual(call.startedAt);
});

test("the same seed and question give the same bytes; another seed gives others", async () => {
  const answers = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      await using gateway = await startGateway({ seed });
      return (await gateway.chat(question)).text();
    }),
  );
  expect(answers[0]).toBe(answers[1]);
  expect(answers[0]).not.toBe(answers[2]);
});

test("tokens follow each other at the mean pace that was asked for, and without gaps", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ tokensPerSecond: 50, clock });
  const startedAt = clock.now();
  const tokens = eventsIn(await (await gateway.chat(question)).text()).slice(0, -1);
  expect(clock.waitsMs).toHaveLength(tokens.length);
  expect(clock.now() - startedAt).toBeCloseTo(tokens.length * 20, 3);
});

test("every answer carries a correlation id and the rate limit", async () => {
  const clock = createTestClock();
  await using gateway = await startGateway({ clock });
  const token = await gateway.newToken();
  const first = await gateway.chat("Hello", { token });
  clock.advance(10_500);
  const second = await gateway.chat("Hello", { token: "wrong" });
  clock.advance(50_000);
  const third = await gateway.chat("Hello", { token });
  const limits = [first, second, third].map(({ headers }) =>
    ["count", "allowed", "reset"].map((name) => headers.get(`inin-ratelimit-${name}`)),
  );
  expect(limits).toEqual([
    ["1", "300", "60"],
    ["2", "300", "50"],
    ["1", "300", "60"],
  ]);
  expect(first.headers.get("inin-correlation-id")).not.toBe(
    third.headers.get("inin-correlation-id"),
  );
});

test("a wrong token is refused in the platform's words", async () => {
  await using gateway = await startGateway();
  const response = await gateway.chat("Hello", { token: "wrong" });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({
    message: "Invalid login credentials.",
    code: "bad.credentials",
    status: 401,
    contextId: response.headers.get("inin-correlation-id"),
    details: [],
    errors: [],
  });
});

const message = { role: "user", content: "Hello" };

test.each([
  ["not json", "The body must be a JSON object."],
  ["[]", "The body must be a JSON object."],
  [{ ...chatBody("Hello"), configurationId: "" }, "configurationId must be"],
  [{ input: { messages: [message] }, stream: true }, "configurationId must be"],
  [{ ...chatBody("Hello"), stream: false }, "stream must be true"],
  [{ ...chatBody("Hello"), input: undefined }, "input.messages must be a list"],
  [{ ...chatBody("Hello"), input: { messages: [] } }, "input.messages must be a list"],
  [
    { ...chatBody("Hello"), input: { messages: [message, { role: "user" }] } },
    "input.messages[1] must",
  ],
  [
    { ...chatBody("Hello"), input: { messages: [{ ...message, role: "king" }] } },
    "input.messages[0]",
  ],
])("the body %j is refused with 400 and a reason", async (body, reason) => {
  await using gateway = await startGateway();
  const response = await gateway.chat("", { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: "bad.request",
    message: expect.stringContaining(reason),
  });
});

test("a body above the limit is refused with 413 after it was read", async () => {
  await using gateway = await startGateway();
  const response = await gateway.chat("", { body: chatBody("x".repeat(maxBodyBytes)) });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ code: "request.entity.too.large" });
});

test("an unknown path is refused with 404 and is not recorded", async () => {
  await using gateway = await startGateway();
  const response = await fetch(`${gateway.url}/api/v2/users`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ status: 404, code: "not.found" });
  expect(gateway.emulator.calls).toEqual([]);
});

test("a second turn is answered with the conversation in mind", async () => {
  await using gateway = await startGateway();
  const first = await (await gateway.chat(question)).text();
  const body = chatBody(question, "Like this.", question);
  const second = await (await gateway.chat("", { body })).text();
  expect(textOf(eventsIn(second))).toMatch(/discussed|my last answer|covered/);
  expect(second).not.toBe(first);
});

test("the last user message chooses the scenario, and the rest of it is the question", async () => {
  await using gateway = await startGateway({ scenario: "forbidden" });
  const body = chatBody("/scenario empty", "…", `/scenario done ${question}`);
  const response = await gateway.chat("", { body });
  expect(eventsIn(await response.text()).at(-1)).toMatchObject({ type: "done" });
  const call = gateway.emulator.calls.find(({ kind }) => kind === "chat");
  expect(call).toMatchObject({ scenario: "done" });
  expect(call?.sentText).toContain("reset your password");
});

test.each([
  "/scenario nonsense",
  "/scenario",
  "/scenario token-endpoint-down",
  "/scenario toString",
])("%s is refused with the names that a message can choose", async (content) => {
  await using gateway = await startGateway();
  const response = await gateway.chat(content);
  const { message: reason } = (await response.json()) as { message: string };
  expect(response.status).toBe(400);
  expect(reason).toContain("answer, every-byte, ");
  expect(reason.split(": ")[1]).not.toContain("token-endpoint-down");
});

test("a message that only looks like a command is a question", async () => {
  await using gateway = await startGateway();
  expect((await gateway.chat("/scenarios of our company")).status).toBe(200);
});
