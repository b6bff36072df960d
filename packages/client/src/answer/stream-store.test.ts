import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handMadeStream } from "../testing/client-of.ts";
import { start, stop, token } from "../testing/sse-text.ts";

const failed = { type: "error", code: "internal_error", message: "No.", retryable: true };
let paint: (() => void) | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  // Frames come when the test says so.
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => {
    paint = callback;
    return 1;
  });
  vi.stubGlobal("cancelAnimationFrame", () => {
    paint = undefined;
  });
});

afterEach(() => {
  paint = undefined;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

function frame(): void {
  const callback = paint;
  paint = undefined;
  callback?.();
}

function subscribed() {
  const made = handMadeStream();
  const listener = vi.fn<() => void>();
  const unsubscribe = made.stream.subscribe(listener);
  return { ...made, listener, unsubscribe };
}

test("a thousand tokens within a frame are one snapshot", async () => {
  const { answer, stream, listener } = subscribed();
  answer.send(start, ...Array.from({ length: 1000 }, (_, index) => token("a", index)));
  await pass();
  expect(stream.text).toHaveLength(1000);
  expect(listener).not.toHaveBeenCalled();
  frame();
  expect(listener).toHaveBeenCalledOnce();
  expect(stream.getSnapshot()).toMatchObject({ text: "a".repeat(1000), status: "streaming" });
});

test("between two frames the snapshot is the same object, whatever comes", async () => {
  const { answer, stream } = subscribed();
  answer.send(start, token("Hel"));
  await pass();
  frame();
  const snapshot = stream.getSnapshot();
  answer.send(token("lo"));
  await pass();
  expect(stream.text).toBe("Hello");
  expect(stream.getSnapshot()).toBe(snapshot);
  expect(snapshot.text).toBe("Hel");
  frame();
  expect(stream.getSnapshot()).not.toBe(snapshot);
  expect(stream.getSnapshot().text).toBe("Hello");
});

test("each frame with news is one call, and one without is none", async () => {
  const { answer, listener } = subscribed();
  answer.send(start);
  await pass();
  frame();
  listener.mockClear();
  for (let count = 1; count <= 3; count += 1) {
    answer.send(token("a"), token("b"));
    await pass();
    frame();
    expect(listener).toHaveBeenCalledTimes(count);
    frame();
    await pass(1000);
    expect(listener).toHaveBeenCalledTimes(count);
  }
});

test("a hidden page, which gets no frames, gets snapshots all the same", async () => {
  const { answer, stream, listener } = subscribed();
  answer.send(start, token("Hel"));
  await pass(100);
  expect(listener).toHaveBeenCalledOnce();
  answer.send(token("lo"));
  await pass(100);
  expect(listener).toHaveBeenCalledTimes(2);
  expect(stream.getSnapshot().text).toBe("Hello");
});

test("a frame calls off the timer beside it, and the timer the frame", async () => {
  const { answer, listener } = subscribed();
  answer.send(start, token("a"));
  await pass(90);
  frame();
  listener.mockClear();
  answer.send(token("b"));
  await pass(99);
  expect(listener).not.toHaveBeenCalled();
  await pass(1);
  expect(listener).toHaveBeenCalledOnce();
  expect(paint).toBeUndefined();
});

test("where there are no frames a timer takes their place", async () => {
  vi.stubGlobal("requestAnimationFrame", undefined);
  const { answer, stream, listener } = subscribed();
  answer.send(start, token("Hel"));
  await pass(16);
  expect(listener).toHaveBeenCalledOnce();
  expect(stream.getSnapshot().text).toBe("Hel");
});

test.each([
  ["done", stop],
  ["error", failed],
])("the last snapshot comes before anybody hears the end: %s", async (status, terminal) => {
  const seen: unknown[] = [];
  const look = (who: string) =>
    seen.push([who, stream.getSnapshot().text, stream.getSnapshot().status]);
  const { answer, stream } = handMadeStream({
    onEvent: ({ type }) => type === terminal.type && look("event"),
    onStatus: (next) => next === status && look("status"),
    onDone: () => look("end"),
    onError: () => look("end"),
  });
  stream.subscribe(() => look("subscriber"));
  answer.send(start, token("Hel"), token("lo"), terminal);
  await pass();
  expect(seen).toEqual(
    ["subscriber", "event", "status", "end"].map((who) => [who, "Hello", status]),
  );
});

test("the last snapshot has the result, or the error", async () => {
  const done = subscribed();
  done.answer.send(start, token("Hello"), { ...stop, usage: { total: 3 } });
  await pass();
  const result = await done.stream.result();
  expect(done.stream.getSnapshot()).toMatchObject({ text: "Hello", status: "done", result });
  expect(result.usage).toEqual({ total: 3 });

  const broken = subscribed();
  broken.answer.send(start, token("Hel"), failed);
  await pass();
  const { error, status } = broken.stream.getSnapshot();
  expect({ error, status }).toMatchObject({ error: { code: "internal_error" }, status: "error" });
  await expect(broken.stream.result()).rejects.toBe(error);
});

test("without a subscriber the snapshot is of now, and no frame is asked for", async () => {
  const { answer, stream } = handMadeStream();
  expect(stream.getSnapshot()).toMatchObject({ text: "", status: "idle" });
  expect(stream.getSnapshot()).toBe(stream.getSnapshot());
  answer.send(start, token("Hel"));
  await pass();
  expect(stream.getSnapshot()).toMatchObject({ text: "Hel", status: "streaming" });
  expect(stream.getSnapshot()).toBe(stream.getSnapshot());
  expect(paint).toBeUndefined();
});

test("a late subscriber begins with the current snapshot", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"));
  await pass();
  stream.subscribe(() => {});
  expect(stream.getSnapshot().text).toBe("Hel");
});

test("after unsubscribing a listener is not called, and others are", async () => {
  const { answer, stream, listener, unsubscribe } = subscribed();
  const other = vi.fn<() => void>();
  stream.subscribe(other);
  unsubscribe();
  answer.send(start, token("Hello"), stop);
  await pass();
  expect(listener).not.toHaveBeenCalled();
  expect(other).toHaveBeenCalled();
});

test("a listener that is subscribed twice is unsubscribed once at a time", async () => {
  const { answer, stream, listener, unsubscribe } = subscribed();
  stream.subscribe(listener);
  unsubscribe();
  answer.send(start, token("Hel"));
  await pass(100);
  expect(listener).toHaveBeenCalledOnce();
});
