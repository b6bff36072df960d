import type { EmulatorCall } from "@gatestream/emulator";
import { isTerminal } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { deferred } from "../../src/testing/deferred.ts";
import type { ObserverEvent, StreamStarted } from "../../src/observe/observer.ts";
import {
  ask,
  question,
  refusalIn,
  replyTo,
  responseTo,
  textUntil,
  type Reply,
} from "@gatestream/testing/ask";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";

const isChat = ({ kind }: EmulatorCall): boolean => kind === "chat";

const isStart = (event: ObserverEvent): event is StreamStarted => event.type === "stream_started";

/** What the last message of a chat says. */
function questionOf({ body }: EmulatorCall): string {
  const { input } = body as { input: { messages: readonly { content: string }[] } };
  return input.messages.at(-1)?.content ?? "";
}

/** The most of `times` that fall into any minute. */
function mostInAnyMinute(times: readonly number[]): number {
  return Math.max(
    ...times.map((from) => times.filter((time) => time >= from && time < from + 60_000).length),
  );
}

test("a hundred users and a gateway that refuses every second call: whole answers or honest refusals", async () => {
  const requestsPerMinute = 120;
  await using under = await startRelay({
    emulator: { scenario: "rate-limited-half", requestsPerMinute },
    requestsPerMinute,
    handshakeTries: 2,
    queueTimeoutMs: 5_000,
    firstByteGraceMs: 60_000,
  });
  const questions = Array.from({ length: 100 }, (_, index) => `User ${index}: where is my parcel?`);
  const replies = await Promise.all(
    questions.map((text) => replyTo(ask(under.streamUrl, question(text)))),
  );
  const chats = under.emulator.calls.filter(isChat);
  const answered = chats.filter(({ status }) => status === 200);

  // Retries happened, the limit was reached, and nothing went beyond it.
  expect(chats.length - new Set(chats.map(questionOf)).size).toBeGreaterThan(10);
  expect(mostInAnyMinute(chats.map(({ startedAt }) => startedAt))).toBe(requestsPerMinute);

  let refused = 0;
  for (const [index, text] of questions.entries()) {
    const own = answered.filter((chat) => questionOf(chat) === text);
    // No reader's stream starts twice.
    expect(own.length).toBeLessThanOrEqual(1);
    const reply = replies[index];
    if (reply?.status === 200) expectWhole(reply, own[0]?.sentText);
    else {
      refused += 1;
      expect(own).toEqual([]);
      expectHonest(reply);
    }
  }
  expect(answered.length).toBe(questions.length - refused);
  expect(answered.length).toBeGreaterThanOrEqual(50);
  expect(refused).toBeGreaterThan(0);
});

function expectWhole(reply: Reply, sentText: string | undefined): void {
  const stream = parseStream(reply.text);
  const events = stream.events.map(({ event }) => event);
  expect(tokensIn(stream)).toBe(sentText);
  expect(events.filter(isTerminal)).toEqual([{ type: "stop", reason: "stop" }]);
  expect(events.at(-1)).toEqual({ type: "stop", reason: "stop" });
}

function expectHonest(reply: Reply | undefined): void {
  expect(reply && { status: reply.status, code: refusalIn(reply).code }).toBeOneOf([
    { status: 503, code: "overloaded" },
    { status: 429, code: "gateway_rate_limited" },
  ]);
  expect(Number(reply?.headers["retry-after"])).toBeGreaterThanOrEqual(1);
  expect(reply && refusalIn(reply)).toMatchObject({ retryable: true });
}

/** A relay that runs one stream at a time, and the stream that keeps the others waiting. */
async function startBusy(options: Parameters<typeof startRelay>[0] = {}) {
  const under = await startRelay({
    maxConcurrentStreams: 1,
    firstByteGraceMs: 0,
    heartbeatMs: 100,
    ...options,
  });
  const running = await responseTo(ask(under.streamUrl, question("/scenario stall")));
  await under.emulator.waitFor(({ scenario }) => scenario === "stall");
  return { under, running };
}

const queuedFrame = (position: number): string =>
  `event: queued\ndata: {"type":"queued","position":${position}}\n\n`;

/** Waits in the queue until it has received its position. */
async function waitInLine(under: RelayUnderTest, text: string, position: number) {
  const asking = ask(under.streamUrl, question(text));
  const response = await responseTo(asking);
  const received = await textUntil(response, (soFar) => soFar.includes(queuedFrame(position)));
  return { response, received };
}

test("heartbeats come before the first token, in the queue too, and so does the place in it", async () => {
  const { under, running } = await startBusy();
  await using _ = under;
  const response = await responseTo(ask(under.streamUrl, question("/scenario many-tokens 2")));
  const waited = await textUntil(response, (text) => text.split(": heartbeat").length > 2);
  expect(waited).toContain(queuedFrame(1));
  expect(waited).not.toContain("id:");
  running.destroy();
  const rest = await textUntil(response, (text) => text.includes('"type":"stop"'));
  const { events, comments } = parseStream(waited + rest);
  expect(events.map(({ name, id, event }) => [name, id, event.type])).toEqual([
    ["start", undefined, "start"],
    ["queued", undefined, "queued"],
    ["queued", undefined, "queued"],
    [undefined, "1", "token"],
    [undefined, "2", "token"],
    [undefined, "3", "stop"],
  ]);
  // Its turn: the gateway is being asked.
  expect(events[2]?.event).toEqual({ type: "queued", position: 0 });
  expect(comments.length).toBeGreaterThanOrEqual(2);
});

test("each pending reader is notified when it moves up", async () => {
  const { under, running } = await startBusy();
  await using _ = under;
  const first = await waitInLine(under, "/scenario stall first", 1);
  const second = await waitInLine(under, "/scenario many-tokens 1", 2);
  running.destroy();
  const text = await textUntil(second.response, (soFar) => soFar.includes(queuedFrame(1)));
  expect(text).not.toContain("id:");
  first.response.destroy();
  expect(await textUntil(second.response, (soFar) => soFar.includes('"stop"'))).toContain("id: 2");
});

test("a reader that leaves the queue leaves no trace: the gateway is never called, the next moves up", async () => {
  const { under, running } = await startBusy();
  await using _ = under;
  const leaving = await waitInLine(under, "I will leave", 1);
  const staying = await waitInLine(under, "/scenario many-tokens 1", 2);
  leaving.response.destroy();
  await textUntil(staying.response, (soFar) => soFar.includes(queuedFrame(1)));
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "cancelled",
    readerLeft: true,
    tokens: 0,
  });
  running.destroy();
  await textUntil(staying.response, (soFar) => soFar.includes('"stop"'));
  expect(under.emulator.calls.filter(isChat).map(questionOf)).toEqual([
    "/scenario stall",
    "/scenario many-tokens 1",
  ]);
});

test("a reader that leaves the queue before it has its headers leaves no trace either", async () => {
  const started = deferred();
  const { under, running } = await startBusy({
    firstByteGraceMs: 60_000,
    observer: (event) => isStart(event) && event.requestId === "waiting" && started.resolve(),
  });
  await using _ = under;
  const headers = { "X-Request-Id": "waiting" };
  const asking = ask(under.streamUrl, question("I will leave"), { headers });
  await started.promise;
  asking.destroy();
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    requestId: "waiting",
    ending: "cancelled",
    readerLeft: true,
  });
  expect(under.emulator.calls.filter(isChat).map(questionOf)).toEqual(["/scenario stall"]);
  running.destroy();
});

test("a full queue is 503 overloaded with Retry-After, at once", async () => {
  const { under, running } = await startBusy({ maxQueued: 1 });
  await using _ = under;
  const waiting = await waitInLine(under, "I wait", 1);
  const reply = await replyTo(ask(under.streamUrl, question("One too many")));
  expect(reply.status).toBe(503);
  expect(refusalIn(reply)).toMatchObject({
    code: "overloaded",
    retryable: true,
    retryAfterMs: 1_000,
  });
  expect(reply.headers["retry-after"]).toBe("1");
  expect(under.emulator.calls.filter(isChat)).toHaveLength(1);
  waiting.response.destroy();
  running.destroy();
});

test("a wait longer than queueTimeoutMs is overloaded: as a status, or as an event after the grace", async () => {
  const { under, running } = await startBusy({ queueTimeoutMs: 150, firstByteGraceMs: 60_000 });
  await using _ = under;
  const reply = await replyTo(ask(under.streamUrl, question("I wait")));
  expect([reply.status, refusalIn(reply).code]).toEqual([503, "overloaded"]);
  expect(Number(reply.headers["retry-after"])).toBeGreaterThanOrEqual(1);
  running.destroy();

  const late = await startBusy({ queueTimeoutMs: 150 });
  await using __ = late.under;
  const { text } = await replyTo(ask(late.under.streamUrl, question("I wait")));
  const { events } = parseStream(text);
  expect(events.map(({ event }) => event.type)).toEqual(["start", "queued", "error"]);
  expect(events.at(-1)).toMatchObject({
    id: "1",
    event: { code: "overloaded", retryable: true, retryAfterMs: expect.any(Number) },
  });
  late.running.destroy();
});

test("a stopped relay admits no requests from the queue", async () => {
  const { under, running } = await startBusy();
  const { response } = await waitInLine(under, "I wait", 1);
  const rest = textUntil(response, (text) => text.includes("relay_draining"));
  await under.relay.close();
  expect(await rest).toContain('"type":"error"');
  expect(under.emulator.calls.filter(isChat)).toHaveLength(1);
  running.destroy();
  await under.emulator.close();
});
