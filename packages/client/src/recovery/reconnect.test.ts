import { expect, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import type { Checkpoint } from "../answer/stream-options.ts";
import { anyRequest, eventsOf } from "../testing/client-of.ts";
import { createHandMadeRelay, fails, refuses, sends } from "../testing/hand-made-relay.ts";
import { answer, methodsOf, soon, streamFrom } from "../testing/recovering.ts";
import { numberedText, sseText, start, stop, token } from "../testing/sse-text.ts";

/** Of a relay that keeps its streams. */
const kept = { ...start, resumable: true };
const live = { type: "live" } as const;

test.each(["end", "cut"] as const)(
  "POST is not sent again after its first event: %s mid-stream is truncated",
  async (ending) => {
    const plays = [sends(numberedText(1, start, token("Hel")), ending), answer];
    const { relay, statuses, stream } = streamFrom(plays);
    await expect(stream.result()).rejects.toMatchObject({
      code: "truncated",
      text: "Hel",
      attempts: 1,
      lastEventId: 1,
    });
    expect(relay.requests).toHaveLength(1);
    expect(statuses).toEqual(["connecting", "streaming", "error"]);
    expect(stream.checkpoint).toBeUndefined();
  },
);

test("start is an event: after it POST is not sent again either", async () => {
  const { relay, stream } = streamFrom([sends(sseText(start), "cut"), answer]);
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated", text: "" });
  expect(relay.requests).toHaveLength(1);
});

test("a stream that the relay keeps is resumed after its last event, with fresh headers", async () => {
  let count = 0;
  const { relay, statuses, stream } = streamFrom(
    [
      sends(numberedText(1, kept, token("Hel"), token("lo")), "cut"),
      fails(),
      sends(numberedText(3, kept, token(" wor"), live), "end"),
      sends(numberedText(4, kept, live, token("ld"), stop)),
    ],
    { headers: () => ({ Authorization: `Bearer ${(count += 1)}` }) },
  );
  const events = eventsOf(stream);
  expect(await stream.result()).toMatchObject({ text: "Hello world", reason: "stop" });
  expect(methodsOf(relay)).toEqual(["POST", "GET", "GET", "GET"]);
  expect(relay.requests.at(-1)?.path).toBe("/api/llm/stream/s-1");
  expect(relay.requests.map(({ headers }) => headers.get("Last-Event-ID"))).toEqual([
    null,
    "2",
    "2",
    "3",
  ]);
  const tokens = relay.requests.map(({ headers }) => headers.get("Authorization"));
  expect(tokens).toEqual(["Bearer 1", "Bearer 2", "Bearer 3", "Bearer 4"]);
  expect(statuses).toEqual([
    "connecting",
    "streaming",
    "reconnecting",
    "streaming",
    "reconnecting",
    "streaming",
    "done",
  ]);
  // The relay tells each connection of the start: the reader hears of it once.
  expect(await events).toEqual([
    kept,
    token("Hel"),
    token("lo"),
    token(" wor"),
    live,
    live,
    token("ld"),
    stop,
  ]);
});

test("a stream that was lost before its text is connecting again, not streaming", async () => {
  const { statuses, stream } = streamFrom([
    sends(sseText(kept), "cut"),
    sends(numberedText(1, kept, live, token("Hello"), stop)),
  ]);
  await stream.result();
  expect(statuses).toEqual(["connecting", "reconnecting", "connecting", "streaming", "done"]);
});

test("204 on resume without a terminal event seen is truncated", async () => {
  const { relay, stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel")), "cut"),
    () => new Response(null, { status: 204 }),
    answer,
  ]);
  await expect(stream.result()).rejects.toMatchObject({
    code: "truncated",
    status: 204,
    text: "Hel",
    attempts: 2,
  });
  expect(relay.requests).toHaveLength(2);
  expect(stream.checkpoint).toBeUndefined();
});

test.each([
  [404, "stream_not_found"],
  [409, "cursor_unknown"],
] as const)("%i on resume ends the stream with its code and text", async (status, code) => {
  const { relay, stream } = streamFrom([
    sends(numberedText(1, kept, token("Hel")), "cut"),
    refuses(status, code, { retryable: false }),
    answer,
  ]);
  await expect(stream.result()).rejects.toMatchObject({ code, status, text: "Hel" });
  expect(relay.requests).toHaveLength(2);
  expect(stream.checkpoint).toBeUndefined();
});

test("401 on resume asks for headers once more, and once more after each new event", async () => {
  const expired = refuses(401, "unauthorized", { retryable: false });
  const headers = vi.fn<() => HeadersInit>(() => ({}));
  const { relay, stream } = streamFrom(
    [
      sends(numberedText(1, kept, token("Hel")), "cut"),
      expired,
      sends(numberedText(2, kept, token("lo")), "cut"),
      expired,
      expired,
      answer,
    ],
    { headers },
  );
  await expect(stream.result()).rejects.toMatchObject({
    code: "unauthorized",
    text: "Hello",
    attempts: 5,
  });
  expect(headers).toHaveBeenCalledTimes(5);
  // Whoever signs in again can go on.
  expect(stream.checkpoint).toMatchObject({ streamId: "s-1", lastEventId: 2, text: "Hello" });
  expect(methodsOf(relay)).toEqual(["POST", "GET", "GET", "GET", "GET"]);
});

test("the count of retries is reset by a new event, not by a connection", async () => {
  const nothingNew = sends(numberedText(1, kept, live), "cut");
  const plays = [
    sends(numberedText(1, kept, token("1")), "cut"),
    nothingNew,
    sends(numberedText(2, kept, token("2")), "cut"),
    nothingNew,
    sends(numberedText(2, kept, token("2")), "cut"),
    answer,
  ];
  const { relay, stream } = streamFrom(plays, { retry: { ...soon, limit: 2 } });
  await expect(stream.result()).rejects.toMatchObject({
    code: "truncated",
    text: "12",
    attempts: 5,
  });
  expect(relay.requests).toHaveLength(5);
});

test("after `reconnect` the connection is closed at once, and the stream resumed after the relay's wait", async () => {
  vi.useFakeTimers();
  try {
    const reconnect = { type: "reconnect", retryMs: 700 } as const;
    const { relay, stream } = streamFrom([
      sends(numberedText(1, kept, token("Hel"), reconnect), "hang"),
      sends(numberedText(2, kept, token("lo"), live, stop)),
    ]);
    const { signal } = await relay.request(1);
    await vi.advanceTimersByTimeAsync(699);
    expect(signal?.aborted).toBe(true);
    expect(stream.status).toBe("reconnecting");
    expect(relay.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2);
    expect((await stream.result()).text).toBe("Hello");
    expect(methodsOf(relay)).toEqual(["POST", "GET"]);
  } finally {
    vi.useRealTimers();
  }
});

test("cancel in the status reconnecting sends nothing but the cancel", async () => {
  const relay = createHandMadeRelay(
    sends(numberedText(1, kept, token("Hel")), "cut"),
    () => new Response(null, { status: 204 }),
  );
  const stream = createClient({
    url: "/api/llm",
    fetch: relay.fetch,
    retry: soon,
    resumable: true,
  }).stream(anyRequest, {
    onStatus: (status) => status === "reconnecting" && stream.cancel(),
  });
  expect(await stream.result()).toMatchObject({ text: "Hel", reason: "cancelled" });
  await relay.request(2);
  expect(methodsOf(relay)).toEqual(["POST", "DELETE"]);
});

test.each(["a checkpoint", "disconnect"] as const)(
  "%s inside onStatus after a reconnect keeps the event that changed the status",
  async (how) => {
    const relay = createHandMadeRelay(
      sends(numberedText(1, kept, token("A")), "cut"),
      sends(numberedText(2, kept, token("B"), token("C")), "hang"),
      sends(numberedText(3, kept, token("C"), stop)),
    );
    const client = createClient({ url: "/api/llm", fetch: relay.fetch, retry: soon });
    let wasLost = false;
    let checkpoint: Checkpoint | undefined;
    const stream = client.stream(anyRequest, {
      onStatus(status) {
        wasLost ||= status === "reconnecting";
        if (!wasLost || status !== "streaming") return;
        checkpoint = stream.checkpoint;
        if (how === "disconnect") stream.disconnect();
      },
      onToken: () => wasLost && stream.disconnect(),
    });
    const events = eventsOf(stream);
    const { text } = await stream.result();
    expect(checkpoint).toMatchObject({ streamId: "s-1", lastEventId: 2, text: "AB" });
    expect(text).toBe("AB");
    expect((await events).filter(({ type }) => type === "token")).toEqual([token("A"), token("B")]);
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    expect((await client.resume(checkpoint).result()).text).toBe("ABC");
  },
);

test("a stream that is resumed from a checkpoint is streaming once it is live", async () => {
  const relay = createHandMadeRelay(sends(numberedText(2, kept, live), "hang"));
  const statuses: string[] = [];
  const stream = createClient({ url: "/", fetch: relay.fetch }).resume(
    { streamId: "s-1", lastEventId: 1, text: "Hel" },
    {
      onStatus: (status) => statuses.push(status),
      onEvent: ({ type }) => type === "live" && stream.disconnect(),
    },
  );
  await stream.result();
  expect(statuses).toEqual(["connecting", "streaming", "cancelled"]);
});
