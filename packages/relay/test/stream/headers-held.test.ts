import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("a refusal within the grace is a real status", async () => {
  await using under = await startRelay({ emulator: { scenario: "bad-request" } });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(reply.status).toBe(400);
  expect(refusalIn(reply).code).toBe("gateway_rejected");
});

test("a refusal after the grace is 200, start, heartbeats, and one error event, last", async () => {
  await using under = await startRelay({
    emulator: { scenario: "rate-limited-always" },
    firstByteGraceMs: 50,
    heartbeatMs: 100,
    handshakeTries: 2,
  });
  const reply = await replyTo(
    ask(under.streamUrl, question("Hello"), { headers: { "X-Request-Id": "r-1" } }),
  );
  expect(reply.status).toBe(200);
  const { events, comments } = parseStream(reply.text);
  expect(events).toEqual([
    {
      name: "start",
      id: undefined,
      event: {
        type: "start",
        streamId: reply.headers["x-stream-id"],
        resumable: false,
        resumableForMs: 0,
        heartbeatMs: 100,
      },
    },
    {
      name: undefined,
      id: "1",
      event: {
        type: "error",
        code: "gateway_rate_limited",
        message: "The gateway's rate limit is reached.",
        retryable: true,
        retryAfterMs: 1000,
        requestId: "r-1",
      },
    },
  ]);
  // The second try comes a second after the first: meanwhile the reader gets a heartbeat.
  expect(comments.length).toBeGreaterThanOrEqual(2);
  expect(reply.text.indexOf(": heartbeat")).toBeLessThan(reply.text.indexOf("id: 1"));
});

test("the heartbeat begins with the headers, before the first token", async () => {
  await using under = await startRelay({
    emulator: { scenario: "silent" },
    firstByteGraceMs: 0,
    heartbeatMs: 100,
  });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const text = await textUntil(response, (soFar) => soFar.includes(": heartbeat"));
  expect(parseStream(text).events.map(({ name }) => name)).toEqual(["start"]);
  response.destroy();
});

test("silence in the middle of an answer is filled with heartbeats", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" }, heartbeatMs: 100 });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const text = await textUntil(response, (soFar) => soFar.split(": heartbeat").length > 2);
  expect(parseStream(text).events.at(-1)).toMatchObject({ id: "8", event: { type: "token" } });
  response.destroy();
});

test("a stream that is never silent needs no heartbeats", async () => {
  await using under = await startRelay({ emulator: { tokensPerSecond: 200 }, heartbeatMs: 800 });
  const { text } = await replyTo(ask(under.streamUrl, question("How do I reset my password?")));
  const { durationMs } = await under.untilObserved("stream_ended");
  expect(durationMs).toBeGreaterThan(800);
  expect(parseStream(text).comments).toEqual([]);
});

test("headers come as soon as the gateway has answered, not with the first token", async () => {
  await using under = await startRelay({
    emulator: { scenario: "slow-first-token", slowFirstTokenMs: 60_000 },
    firstByteGraceMs: 60_000,
  });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  expect(response.statusCode).toBe(200);
  const text = await textUntil(response, (soFar) => soFar.includes("event: start"));
  expect(text).not.toContain("id:");
  response.destroy();
});

test("headers wait for a gateway that is late, within the grace", async () => {
  await using under = await startRelay({
    emulator: { scenario: "slow-headers", slowFirstTokenMs: 150 },
    firstByteGraceMs: 60_000,
  });
  const asking = ask(under.streamUrl, question("Hello"));
  let hasHead = false;
  asking.once("response", () => {
    hasHead = true;
  });
  const reply = replyTo(asking);
  await under.emulator.waitFor(({ kind, status }) => kind === "chat" && status === 200);
  expect(hasHead).toBe(false);
  expect((await reply).status).toBe(200);
});
