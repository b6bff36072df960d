import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import { anyRequest } from "../testing/client-of.ts";
import { createHandMadeAnswer, type HandMadeAnswer } from "../testing/hand-made-answer.ts";
import {
  createHandMadeRelay,
  fails,
  refuses,
  sends,
  type Play,
} from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";

const hasPage = typeof document !== "undefined";
const live = { type: "live" } as const;
const kept = { ...start, resumable: true };
const begun = sends(numberedText(1, kept, token("Hel")), "hang");
const rest = sends(numberedText(2, kept, token("lo"), live, stop));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function streamFrom(...plays: readonly Play[]) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({
    url: "/api/llm",
    fetch: relay.fetch,
    // Only what wakes it can make it try again in these tests.
    idleTimeoutMs: false,
    connectTimeoutMs: false,
    retry: { baseDelayMs: 1_000_000, maxDelayMs: 1_000_000 },
  });
  const stream = client.stream(anyRequest);
  return { relay, stream, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

function see(isHidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(isHidden);
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}

function show(persisted: boolean): void {
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
}

function leave(): void {
  dispatchEvent(new Event("pagehide"));
}

describe.runIf(hasPage)("in a page", () => {
  const wakes: Record<string, () => void> = {
    "is looked at again": () => see(false),
    "comes back from the browser's cache": () => show(true),
    "is online again": () => dispatchEvent(new Event("online")),
  };
  const others: Record<string, () => void> = {
    "is hidden": () => see(true),
    "is shown for the first time": () => show(false),
  };

  test.each(Object.keys(wakes))("a silent stream is resumed at once when it %s", async (name) => {
    const { relay, stream, pass } = streamFrom(begun, rest);
    await pass(15_001);
    wakes[name]?.();
    await pass(0);
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(stream).toMatchObject({ text: "Hello", status: "done" });
  });

  test.each(Object.keys(others))("a silent stream is not reconnected when it %s", async (name) => {
    const { relay, stream, pass } = streamFrom(begun, rest);
    await pass(15_001);
    others[name]?.();
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    expect(relay.requests[0]?.signal?.aborted).toBe(false);
    expect(stream.status).toBe("streaming");
  });

  test.each(Object.keys(wakes))("an active stream is not reconnected when it %s", async (name) => {
    const { relay, stream, pass } = streamFrom(begun, rest);
    // Not longer than a living relay may be silent.
    await pass(15_000);
    wakes[name]?.();
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    expect(stream.status).toBe("streaming");
  });

  test("a stream with a recent heartbeat is not reconnected", async () => {
    const answer = createHandMadeAnswer();
    const { relay, stream, pass } = streamFrom(() => answer.response);
    const write = (text: string) => answer.write(new TextEncoder().encode(text));
    write(numberedText(1, kept, token("Hel")));
    await pass(15_000);
    write(": heartbeat\n\n");
    await pass(15_000);
    see(false);
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    expect(stream.status).toBe("streaming");
  });

  test.each([
    ["retry is false", false],
    ["the limit of tries is reached", { limit: 1, baseDelayMs: 0 }],
  ] as const)("a stream that lives survives a wake when %s", async (_, retry) => {
    const first = createHandMadeAnswer();
    const second = createHandMadeAnswer();
    const write = (to: HandMadeAnswer, text: string) => to.write(new TextEncoder().encode(text));
    const relay = createHandMadeRelay(
      () => first.response,
      () => second.response,
      rest,
    );
    const client = createClient({ url: "/api/llm", fetch: relay.fetch, retry });
    const stream = client.stream(anyRequest);
    write(first, numberedText(1, kept, token("Hel")));
    await vi.advanceTimersByTimeAsync(0);
    if (retry !== false) {
      first.break(new TypeError("Load failed"));
      await vi.advanceTimersByTimeAsync(0);
      write(second, numberedText(2, kept, live));
    }
    // A heartbeat is due, and on its way.
    await vi.advanceTimersByTimeAsync(15_001);
    see(false);
    await vi.advanceTimersByTimeAsync(0);
    if (retry === false) write(first, numberedText(2, token("lo"), stop));
    await vi.advanceTimersByTimeAsync(0);
    expect(stream).toMatchObject({ text: "Hello", status: "done" });
  });

  test("a silent stream that cannot be resumed is not closed: its answer may still come", async () => {
    const { relay, stream, pass } = streamFrom(sends(numberedText(1, start, token("Hel")), "hang"));
    await pass(60_000);
    see(false);
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    expect(stream.status).toBe("streaming");
  });

  test("it reconnects at once only once: if that fails, it waits as usual", async () => {
    const { relay, pass } = streamFrom(begun, fails(), rest);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    await pass(15_001);
    see(false);
    await pass(0);
    expect(relay.requests).toHaveLength(2);
    await pass(499_999);
    expect(relay.requests).toHaveLength(2);
    await pass(500_001);
    expect(relay.requests).toHaveLength(3);
  });

  test("a wait for the next try ends at once", async () => {
    const { relay, stream, pass } = streamFrom(fails(), begun);
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    dispatchEvent(new Event("online"));
    await pass(0);
    expect(relay.requests).toHaveLength(2);
    expect(stream.text).toBe("Hel");
  });

  test("a wait that the relay has asked for is waited all the same", async () => {
    const { relay, pass } = streamFrom(refuses(429, "rate_limited", { retryAfterMs: 5000 }), begun);
    vi.spyOn(Math, "random").mockReturnValue(0);
    await pass(0);
    dispatchEvent(new Event("online"));
    await pass(4999);
    expect(relay.requests).toHaveLength(1);
    await pass(1);
    expect(relay.requests).toHaveLength(2);
  });

  test("hiding a page ends nothing", async () => {
    const { relay, stream, pass } = streamFrom(begun);
    await pass(0);
    see(true);
    await pass(3_600_000);
    expect(relay.requests[0]?.signal?.aborted).toBe(false);
    expect(stream.status).toBe("streaming");
  });

  test("leaving the page ends an answer that cannot be resumed, at the relay too", async () => {
    const { relay, stream, pass } = streamFrom(sends(numberedText(1, start, token("Hel")), "hang"));
    await pass(0);
    leave();
    await pass(0);
    expect(relay.requests[0]?.signal?.aborted).toBe(true);
    await expect(stream.result()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
  });

  test("on pagehide a connection is closed, and resumed when the page is restored", async () => {
    const { relay, stream, pass } = streamFrom(begun, rest);
    await pass(0);
    leave();
    await pass(0);
    expect(relay.requests).toHaveLength(1);
    expect(relay.requests[0]?.signal?.aborted).toBe(true);
    expect(stream).toMatchObject({ status: "reconnecting", checkpoint: { lastEventId: 1 } });
    show(true);
    await pass(0);
    expect(relay.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(stream).toMatchObject({ text: "Hello", status: "done" });
  });

  test("no listener is left on the page when a stream has ended", async () => {
    const page: EventTarget = window;
    const added = vi.spyOn(page, "addEventListener");
    const removed = vi.spyOn(page, "removeEventListener");
    const { stream, pass } = streamFrom(sends(numberedText(1, start, token("Hello"), stop)));
    await pass(0);
    expect(stream.status).toBe("done");
    expect(added.mock.calls).toHaveLength(4);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});

test.runIf(!hasPage)("without a page nothing is listened to, and nothing is missed", async () => {
  const { stream, pass } = streamFrom(sends(numberedText(1, start, token("Hello"), stop)));
  await pass(0);
  expect(stream).toMatchObject({ text: "Hello", status: "done" });
});
