import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClient, type ClientOptions } from "../create-client.ts";
import { anyRequest } from "../testing/client-of.ts";
import { sends, type Play } from "../testing/hand-made-relay.ts";
import { watchOwnTimers } from "../testing/own-timers.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";

const minuteMs = 60_000;
const kept = { ...start, resumable: true, resumableForMs: 5 * minuteMs };
const begun = sends(numberedText(1, kept, token("Hel")), "cut");
const rest = sends(numberedText(2, kept, token("lo"), stop));

let timers: ReturnType<typeof watchOwnTimers>;

beforeEach(() => {
  vi.useFakeTimers();
  timers = watchOwnTimers();
});

afterEach(() => {
  timers.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A stream of a relay that answers `first`, then nothing until the test says so. */
function streamThatLosesItsRelay(first: Play | undefined, options: Partial<ClientOptions> = {}) {
  const triedAt: number[] = [];
  let next = first;
  const fetch: typeof globalThis.fetch = async () => {
    triedAt.push(Date.now());
    const play = next;
    next = undefined;
    if (play === undefined) throw new TypeError("Failed to fetch");
    return play({ method: "", path: "", headers: new Headers(), body: "", signal: undefined });
  };
  const stream = createClient({ url: "/api/llm", fetch, ...options }).stream(anyRequest);
  const failure = stream.result().catch((error: unknown) => error);
  return {
    stream,
    failure,
    triedAt,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    comesBack: (play: Play) => {
      next = play;
    },
  };
}

test("resuming a lost answer is retried for as long as the relay keeps it, at most 10 s apart", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  const { stream, triedAt, pass, comesBack } = streamThatLosesItsRelay(begun);
  await pass(4 * minuteMs);
  expect(stream.status).toBe("reconnecting");
  const waits = triedAt.slice(1).map((time, index) => time - (triedAt[index] ?? 0));
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  comesBack(rest);
  await pass(10_000);
  expect(stream).toMatchObject({ text: "Hello", status: "done" });
});

test("when the relay keeps it no longer the answer has failed, and may still be asked for", async () => {
  const { stream, failure, pass } = streamThatLosesItsRelay(begun);
  await pass(5 * minuteMs + 10_001);
  expect(await failure).toMatchObject({ code: "network", text: "Hel" });
  expect(stream.checkpoint).toMatchObject({ lastEventId: 1 });
});

test("a relay that keeps answers for a short time is not asked for longer", async () => {
  const short = { ...kept, resumableForMs: 15_000 };
  const plays = sends(numberedText(1, short, token("Hel")), "cut");
  const { failure, pass } = streamThatLosesItsRelay(plays);
  await pass(25_001);
  expect(await failure).toMatchObject({ code: "network" });
});

test("a limit bounds resuming too", async () => {
  const { failure, triedAt, pass } = streamThatLosesItsRelay(begun, { retry: { limit: 2 } });
  await pass(10_000);
  expect(await failure).toMatchObject({ code: "network" });
  expect(triedAt).toHaveLength(3);
});

test("headers that fail underway are tried again, and lose no answer", async () => {
  let isSignedIn = true;
  const { stream, pass, comesBack } = streamThatLosesItsRelay(begun, {
    headers() {
      if (!isSignedIn) throw new Error("The sign-in is away.");
      isSignedIn = false;
      return {};
    },
  });
  await pass(minuteMs);
  expect(stream.status).toBe("reconnecting");
  isSignedIn = true;
  comesBack(rest);
  await pass(10_000);
  expect(stream).toMatchObject({ text: "Hello", status: "done" });
});

describe.runIf(typeof document !== "undefined")("while the browser is offline", () => {
  const wakes: Record<string, () => void> = {
    online: () => dispatchEvent(new Event("online")),
    visibilitychange: () =>
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
    pageshow: () => dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true })),
  };

  test.each(Object.keys(wakes))("nothing is tried for an hour, and at once on %s", async (name) => {
    const isOnline = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    vi.spyOn(document, "hidden", "get").mockReturnValue(false);
    const { stream, triedAt, pass, comesBack } = streamThatLosesItsRelay(begun);
    await pass(60 * minuteMs);
    expect(triedAt).toHaveLength(1);
    expect(stream.status).toBe("offline");
    isOnline.mockReturnValue(true);
    comesBack(rest);
    wakes[name]?.();
    await pass(0);
    expect(triedAt).toHaveLength(2);
    expect(stream).toMatchObject({ text: "Hello", status: "done" });
  });

  test("a question is asked once the browser is online, and time offline does not count", async () => {
    const isOnline = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const { stream, pass, comesBack } = streamThatLosesItsRelay(undefined);
    await pass(60 * minuteMs);
    expect(stream.status).toBe("offline");
    isOnline.mockReturnValue(true);
    dispatchEvent(new Event("online"));
    await pass(0);
    comesBack(sends(numberedText(1, kept, token("Hello"), stop)));
    await pass(1_000);
    expect(stream).toMatchObject({ text: "Hello", status: "done" });
  });

  test("cancel ends the wait", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const { stream, triedAt, pass } = streamThatLosesItsRelay(undefined);
    await pass(minuteMs);
    expect(timers.count()).toBeGreaterThan(0);
    stream.cancel();
    expect(stream.status).toBe("cancelled");
    await pass(0);
    expect(timers.count()).toBe(0);
    const tries = triedAt.length;
    dispatchEvent(new Event("online"));
    await pass(60 * minuteMs);
    expect(triedAt).toHaveLength(tries);
  });
});
