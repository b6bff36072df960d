import { eventuallyTrue } from "@gatestream/testing/eventually";
import { afterEach, expect, test, vi } from "vitest";
import type { StreamStatus } from "./stream-options.ts";
import type { Answer as TokenStream } from "./answer.ts";
import type { HandMadeAnswer } from "../testing/hand-made-answer.ts";
import { eventsOf, handMadeStream, streamOf } from "../testing/client-of.ts";
import { nextTurn } from "../testing/next-turn.ts";
import { numberedText, sseText, start, stop, token } from "../testing/sse-text.ts";

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
  expect(await stream.result()).toMatchObject(expected);
  expect(await stream.result()).toMatchObject(expected);
});

test("onDone gets once what result() gives, whatever ended the stream but a failure", async () => {
  const ends: Record<string, (answer: HandMadeAnswer, stream: TokenStream) => void> = {
    length: (answer) => answer.send({ ...stop, reason: "length" }),
    cancelled: (_, stream) => stream.cancel(),
    disconnected: (_, stream) => stream.disconnect(),
  };
  for (const [reason, end] of Object.entries(ends)) {
    const parts = [{ type: "text", text: "Hello" }];
    const onDone = vi.fn<(result: object) => void>();
    const onError = vi.fn<() => void>();
    const { answer, stream } = handMadeStream({ onDone, onError });
    answer.send(start, token("Hello"));
    await eventuallyTrue(() => stream.text !== "");
    end(answer, stream);
    expect(await stream.result()).toMatchObject({ text: "Hello", reason });
    expect(onDone).toHaveBeenCalledExactlyOnceWith({ text: "Hello", parts, reason });
    expect(onError).not.toHaveBeenCalled();
  }
  const onDone = vi.fn<() => void>();
  const { answer, stream } = handMadeStream({ onDone });
  answer.send(start, failed);
  await expect(stream.result()).rejects.toThrow(failed.message);
  expect(onDone).not.toHaveBeenCalled();
});

test("lastEventId is the id of the last event, and 0 before there was one", async () => {
  const seen: number[] = [];
  const stream = streamOf(
    { body: numberedText(1, start, token("Hel"), token("lo"), stop) },
    { onEvent: () => seen.push(stream.lastEventId) },
  );
  expect(stream.lastEventId).toBe(0);
  await stream.result();
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(stream.lastEventId).toBe(3);
});

test("there is a checkpoint from start to end of a stream that the relay keeps", async () => {
  const seen: unknown[] = [];
  const kept = { ...start, resumable: true };
  const stream = streamOf(
    { body: numberedText(1, kept, token("Hel"), token("lo"), stop) },
    { onEvent: () => seen.push(stream.checkpoint) },
  );
  expect(stream.checkpoint).toBeUndefined();
  await stream.result();
  const parts = (text: string) => [{ type: "text", text }];
  expect(seen).toEqual([
    { streamId: "s-1", lastEventId: 0, text: "", parts: [] },
    { streamId: "s-1", lastEventId: 1, text: "Hel", parts: parts("Hel") },
    { streamId: "s-1", lastEventId: 2, text: "Hello", parts: parts("Hello") },
    undefined,
  ]);
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

test("result() rejects with the same error as often as it is asked, also late", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start, failed);
  const early = await stream.result().catch((error: unknown) => error);
  const late = await stream.result().catch((error: unknown) => error);
  expect(late).toBe(early);
});

test("a failure without a consumer is no unhandled rejection", async () => {
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
