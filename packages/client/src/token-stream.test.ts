import { afterEach, expect, test, vi } from "vitest";
import type { StreamStatus } from "./token-stream.ts";
import { eventsOf, handMadeStream, streamOf } from "./testing/client-of.ts";
import { nextTurn } from "./testing/next-turn.ts";
import { sseText, start, stop, token } from "./testing/sse-text.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const failed = {
  type: "error",
  code: "gateway_timeout",
  message: "The gateway took too long.",
  retryable: true,
  retryAfterMs: 1500,
  requestId: "r-1",
};

test("leading spaces and newlines of a token are kept", async () => {
  const contents = ["\n", "\n\n  Hello", " ", " world", "\t!", "", "\r\n", " "];
  const pieces: string[] = [];
  const stream = streamOf(
    { body: sseText(start, ...contents.map((content) => token(content)), stop) },
    { onToken: (text) => pieces.push(text) },
  );
  expect((await stream.result()).text).toBe(contents.join(""));
  expect(pieces).toEqual(contents);
});

test("onToken gets each piece and everything so far, which is the stream's text", async () => {
  const calls: unknown[] = [];
  const { answer, stream } = handMadeStream({
    onToken: (text, snapshot) => calls.push([text, snapshot, stream.text]),
  });
  expect(stream.text).toBe("");
  answer.send(start, token("Hel"), token("lo"), stop);
  await stream.result();
  expect(calls).toEqual([
    ["Hel", "Hel", "Hel"],
    ["lo", "Hello", "Hello"],
  ]);
});

test("onEvent gets every event once, as it was sent", async () => {
  const sent = [start, { type: "warning", code: "malformed_line" }, token("Hello"), stop];
  const onEvent = vi.fn<(event: object) => void>();
  const { answer, stream } = handMadeStream({ onEvent });
  answer.send(...sent);
  await stream.result();
  expect(onEvent.mock.calls.map(([event]) => event)).toEqual(sent);
});

test("the result has the reason and the usage", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hello"), { ...stop, reason: "length", usage: { totalTokens: 3 } });
  const expected = { text: "Hello", reason: "length", usage: { totalTokens: 3 } };
  expect(await stream.result()).toEqual(expected);
  expect(await stream.result()).toEqual(expected);
});

test("status is queued while the request waits, and streaming with the first token", async () => {
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({ onStatus: (status) => statuses.push(status) });
  const queued = { type: "queued", position: 2 };
  answer.send(start, queued, { ...queued, position: 1 }, token("Hello"), token("!"), stop);
  await stream.result();
  expect(statuses).toEqual(["connecting", "queued", "streaming", "done"]);
});

test("status is connecting again when its turn has come, until the first token", async () => {
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({ onStatus: (status) => statuses.push(status) });
  const queued = { type: "queued", position: 1 };
  answer.send(start, queued, { ...queued, position: 0 }, token("Hello"), stop);
  await stream.result();
  expect(statuses).toEqual(["connecting", "queued", "connecting", "streaming", "done"]);
});

test("start is not yet streaming", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start);
  await stream[Symbol.asyncIterator]().next();
  expect(stream.status).toBe("connecting");
});

test("an answer that somebody else cancelled has the status cancelled", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"), { type: "stop", reason: "cancelled" });
  expect(await stream.result()).toEqual({ text: "Hel", reason: "cancelled" });
  expect(stream.status).toBe("cancelled");
});

test("an error event fails the stream once, with its fields and the text so far", async () => {
  const onError = vi.fn<(error: Error) => void>();
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({
    onError,
    onStatus: (status) => statuses.push(status),
  });
  answer.send(start, token("Hel"), failed);
  const { type: _, ...fields } = failed;
  await expect(stream.result()).rejects.toMatchObject({ ...fields, text: "Hel" });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(fields));
  expect(statuses).toEqual(["connecting", "streaming", "error"]);
});

test("nothing after the terminal event is taken", async () => {
  const events: object[] = [];
  const { answer, stream } = handMadeStream({ onEvent: (event) => events.push(event) });
  answer.send(start, token("Hello"), stop, token(" again"), failed);
  expect((await stream.result()).text).toBe("Hello");
  await answer.givenUp;
  expect(events).toEqual([start, token("Hello"), stop]);
});

test("a clean end without a terminal event is truncated, not done", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")) });
  await expect(stream.result()).rejects.toMatchObject({
    code: "truncated",
    retryable: true,
    text: "Hel",
  });
  expect(stream.status).toBe("error");
});

test("an empty answer is truncated", async () => {
  await expect(streamOf({}).result()).rejects.toMatchObject({ code: "truncated", text: "" });
});

test("a terminal event that is cut off is truncated", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")) + 'data: {"type":"stop"' });
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated", text: "Hel" });
});

test("a connection that breaks in the middle is truncated, whatever the engine calls it", async () => {
  const stream = streamOf({ body: sseText(start, token("Hel")), ending: "cut" });
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated" });

  for (const message of ["network error", "Error in input stream", "Load failed"]) {
    const broken = handMadeStream();
    broken.answer.send(start, token("Hel"));
    // What has not been read when a stream breaks is lost with it.
    const events = broken.stream[Symbol.asyncIterator]();
    await events.next();
    await events.next();
    const cause = new TypeError(message);
    broken.answer.break(cause);
    await expect(broken.stream.result()).rejects.toMatchObject({
      code: "truncated",
      text: "Hel",
      cause,
    });
  }
});

test("a stream that broke off is not asked for again", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hel"));
  answer.end();
  await expect(stream.result()).rejects.toMatchObject({ code: "truncated" });
  expect(answer.fetch).toHaveBeenCalledOnce();
});

test("result() rejects with the same error as often as it is asked, also late", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, failed);
  const early = await stream.result().catch((error: unknown) => error);
  const late = await stream.result().catch((error: unknown) => error);
  expect(late).toBe(early);
});

test("a failure that nobody asks for is no unhandled rejection", async () => {
  const onUnhandled = vi.fn<() => void>();
  process.on("unhandledRejection", onUnhandled);
  try {
    await new Promise((resolve) => {
      const { answer } = handMadeStream({ onError: resolve });
      answer.send(start, failed);
    });
    const { answer, stream } = handMadeStream();
    answer.send(start, failed);
    // Read, but not asked for its result.
    await expect(eventsOf(stream)).rejects.toThrow(failed.message);
    // Rejections are looked through when the microtasks are done.
    await nextTurn();
    expect(onUnhandled).not.toHaveBeenCalled();
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
});

test("callbacks that throw are reported and do not stop the stream", async () => {
  const reported: unknown[] = [];
  const { queueMicrotask } = globalThis;
  vi.spyOn(globalThis, "queueMicrotask").mockImplementation((callback) => {
    queueMicrotask(() => {
      try {
        callback();
      } catch (failure) {
        reported.push(failure);
      }
    });
  });
  const fault = (name: string) => () => {
    throw new Error(name);
  };
  const faults = {
    onToken: fault("onToken"),
    onEvent: fault("onEvent"),
    onStatus: fault("onStatus"),
    onError: fault("onError"),
  };
  const whole = handMadeStream(faults);
  whole.answer.send(start, token("Hello"), stop);
  expect((await whole.stream.result()).text).toBe("Hello");

  const broken = handMadeStream(faults);
  broken.answer.send(start, token("Hel"), failed);
  await expect(broken.stream.result()).rejects.toMatchObject({ code: failed.code, text: "Hel" });
  const names = new Set(reported.map((failure) => (failure as Error).message));
  expect(names).toEqual(new Set(["onToken", "onEvent", "onStatus", "onError"]));
});

test("a stream without anybody listening runs to its end", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, token("Hello"), stop);
  await answer.givenUp;
  expect(stream).toMatchObject({ text: "Hello", status: "done" });
});
