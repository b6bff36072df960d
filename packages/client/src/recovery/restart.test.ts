import { expect, test, vi } from "vitest";
import { fails, refuses, sends, type Play } from "../testing/hand-made-relay.ts";
import { nextTurn } from "../testing/next-turn.ts";
import { answer, methodsOf, soon, streamFrom } from "../testing/recovering.ts";

test.each<[string, Play]>([
  ["the relay cannot be reached", fails()],
  ["the relay is full", refuses(503, "overloaded")],
  ["the gateway is away", refuses(502, "gateway_unavailable")],
  ["a proxy has no relay", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["the answer ends before its first event", sends("")],
  ["the answer breaks before its first event", sends(": heartbeat\n\n", "cut")],
])("when %s the stream is started again, still connecting", async (_, play) => {
  const { relay, statuses, stream } = streamFrom([play, play, answer]);
  expect((await stream.result()).text).toBe("Hello");
  expect(methodsOf(relay)).toEqual(["POST", "POST", "POST"]);
  expect(statuses).toEqual(["connecting", "streaming", "done"]);
});

test("a request is retried up to the limit, and the last failure is reported", async () => {
  const plays = [fails("one"), fails("two"), refuses(503, "overloaded"), answer];
  const { relay, stream } = streamFrom(plays, { retry: { ...soon, limit: 2 } });
  await expect(stream.result()).rejects.toMatchObject({
    code: "overloaded",
    status: 503,
    retryable: true,
    requestId: "r-1",
    attempts: 3,
    lastEventId: 0,
    text: "",
  });
  expect(relay.requests).toHaveLength(3);
});

test("retry: false asks once", async () => {
  const { relay, stream } = streamFrom([fails(), answer], { retry: false });
  await expect(stream.result()).rejects.toMatchObject({ code: "network", attempts: 1 });
  expect(relay.requests).toHaveLength(1);
});

test.each<[number, Play]>([
  [400, refuses(400, "invalid_request", { retryable: false })],
  [401, refuses(401, "unauthorized", { retryable: false })],
  [403, refuses(403, "forbidden", { retryable: false })],
  [404, () => new Response("<h1>Not found</h1>", { status: 404 })],
  [200, () => new Response("<h1>Log in</h1>", { headers: { "Content-Type": "text/html" } })],
])("a start that is answered with %i is not tried again", async (status, play) => {
  const { relay, stream } = streamFrom([play, answer], { headers: () => ({}) });
  await expect(stream.result()).rejects.toMatchObject({ status, attempts: 1 });
  expect(relay.requests).toHaveLength(1);
});

test("headers are fresh for each try", async () => {
  let count = 0;
  const { relay, stream } = streamFrom([fails(), answer], {
    headers: async () => ({ Authorization: `Bearer ${(count += 1)}` }),
  });
  await stream.result();
  const tokens = relay.requests.map(({ headers }) => headers.get("Authorization"));
  expect(tokens).toEqual(["Bearer 1", "Bearer 2"]);
});

test("headers that fail are reported as `headers`, with their cause, and requested once", async () => {
  const cause = new Error("The session could not be renewed.");
  const headers = vi.fn<() => Promise<HeadersInit>>(() => Promise.reject(cause));
  const { relay, stream } = streamFrom([], { headers });
  await expect(stream.result()).rejects.toMatchObject({ code: "headers", retryable: false, cause });
  expect(headers).toHaveBeenCalledOnce();
  expect(relay.requests).toEqual([]);
});

test("what the relay asks to wait is waited", async () => {
  vi.useFakeTimers();
  try {
    const busy = refuses(429, "rate_limited", { retryAfterMs: 1500 });
    const { relay, stream } = streamFrom([busy, answer]);
    await relay.request(1);
    await vi.advanceTimersByTimeAsync(1499);
    expect(relay.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect(relay.requests).toHaveLength(2);
    expect((await stream.result()).text).toBe("Hello");
  } finally {
    vi.useRealTimers();
  }
});

test("a wait longer than maxDelayMs is reported instead of waited for", async () => {
  const busy = refuses(429, "rate_limited", { retryAfterMs: 2001 });
  const { relay, stream } = streamFrom([busy, answer]);
  await expect(stream.result()).rejects.toMatchObject({
    code: "rate_limited",
    retryAfterMs: 2001,
    attempts: 1,
  });
  expect(relay.requests).toHaveLength(1);
});

test("cancel while it waits to try again sends nothing more", async () => {
  const { relay, stream } = streamFrom([fails(), answer], {
    retry: { ...soon, baseDelayMs: 60_000, maxDelayMs: 60_000 },
  });
  await relay.request(1);
  await nextTurn();
  stream.cancel();
  expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
  expect(relay.requests).toHaveLength(1);
});
