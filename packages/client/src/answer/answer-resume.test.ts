import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import { anyRequest, eventsOf } from "../testing/client-of.ts";
import {
  createHandMadeRelay,
  fails,
  refuses,
  sends,
  type Play,
} from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import type { StreamStatus } from "./stream-options.ts";

const kept = { ...start, resumable: true, resumableForMs: 60_000 };
const citation = { type: "citation", content: "1", index: 1, url: "https://example.com" };
const begun = sends(numberedText(1, kept, token("Hel"), citation), "cut");
const rest = sends(numberedText(3, kept, token("lo"), { ...stop, usage: { totalTokens: 3 } }));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function answerOf(plays: readonly Play[], onStatus?: (status: StreamStatus) => void) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({ url: "/", fetch: relay.fetch, retry: false, resumable: true });
  return { relay, answer: client.stream(anyRequest, { onStatus }) };
}

test("an answer that has failed is resumed from where it was, and asked for once", async () => {
  const statuses: StreamStatus[] = [];
  const { relay, answer } = answerOf([begun, rest], (status) => statuses.push(status));
  await expect(answer.result()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
  expect(answer).toMatchObject({ isRunning: false, canResume: true, status: "error" });
  expect(answer.resume()).toBe(true);
  expect(answer).toMatchObject({ isRunning: true, canResume: false, error: undefined });
  expect(answer.resume()).toBe(false);
  expect(await answer.result()).toMatchObject({
    text: "Hello",
    reason: "stop",
    usage: { totalTokens: 3 },
  });
  expect(answer).toMatchObject({ isRunning: false, canResume: false, reason: "stop" });
  expect(answer.usage).toEqual({ totalTokens: 3 });
  expect(answer.checkpoint).toBeUndefined();
  expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  expect(relay.requests[1]?.headers.get("Last-Event-ID")).toBe("2");
  expect(statuses).toEqual(
    ["connecting", "streaming", "error", "reconnecting", "connecting", "streaming", "done"].filter(
      (status, index) => status !== "connecting" || index === 0,
    ),
  );
});

test("a detached answer is resumed too, and its loop gives every event once", async () => {
  const hangs = sends(numberedText(1, kept, token("Hel")), "hang");
  const { answer } = answerOf([hangs, sends(numberedText(2, kept, token("lo"), stop))]);
  for await (const event of answer) if (event.type === "token") break;
  expect(answer).toMatchObject({ reason: "disconnected", status: "cancelled", canResume: true });
  expect(answer.resume()).toBe(true);
  expect(await eventsOf(answer)).toEqual([kept, token("Hel"), token("lo"), stop]);
});

test("what the relay does not keep any more, or never kept, is not resumed", async () => {
  const gone = answerOf([begun, refuses(404, "stream_not_found", { retryable: false })]);
  await gone.answer.result().catch(() => {});
  expect(gone.answer.resume()).toBe(true);
  await expect(gone.answer.result()).rejects.toMatchObject({ code: "stream_not_found" });
  expect(gone.answer.resume()).toBe(false);
  const never = answerOf([fails()]);
  await never.answer.result().catch(() => {});
  expect(never.answer.resume()).toBe(false);
  const done = answerOf([sends(numberedText(1, kept, stop))]);
  await done.answer.result();
  expect(done.answer.resume()).toBe(false);
});

test("events of the gateway's own types are kept in order, with the request's id", async () => {
  const withId: Play = async (request) => {
    const { body, headers } = await begun(request);
    return new Response(body, {
      headers: { ...Object.fromEntries(headers), "X-Request-Id": "r-7" },
    });
  };
  const { answer } = answerOf([withId, rest]);
  await answer.result().catch(() => {});
  expect(answer.requestId).toBe("r-7");
  expect(answer.events).toEqual([citation]);
  expect(answer.getSnapshot().events).toBe(answer.events);
  // A snapshot is plain JSON when it is saved.
  expect(JSON.parse(JSON.stringify(answer.getSnapshot()))).toMatchObject({
    text: "Hel",
    events: [citation],
    checkpoint: { streamId: "s-1", lastEventId: 2, text: "Hel" },
  });
});

test("textStream gives the pieces, and leaving the scope of the answer detaches", async () => {
  const whole = answerOf([sends(numberedText(1, kept, token("Hel"), citation, token("lo"), stop))]);
  const pieces: string[] = [];
  for await (const piece of whole.answer.textStream) pieces.push(piece);
  expect(pieces.join("")).toBe("Hello");
  const left = answerOf([sends(numberedText(1, kept, token("Hel")), "hang")]);
  await left.answer[Symbol.asyncIterator]().next();
  await left.answer[Symbol.asyncDispose]();
  expect(left.answer.reason).toBe("disconnected");
});

// Newer versions of Node have a navigator that does not say so.
test.runIf(typeof globalThis.navigator?.onLine === "boolean")(
  "while the browser has no network an interrupted answer is offline",
  async () => {
    const relay = createHandMadeRelay(begun, fails(), rest);
    const client = createClient({ url: "/", fetch: relay.fetch, resumable: true });
    const onLine = vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    const answer = client.stream(anyRequest, {
      onStatus: (status) => status === "reconnecting" && onLine.mockReturnValue(false),
    });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(answer).toMatchObject({ status: "offline", isRunning: true, text: "Hel" });
    onLine.mockReturnValue(true);
    globalThis.dispatchEvent?.(new Event("online"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answer).toMatchObject({ status: "done", text: "Hello" });
  },
);
