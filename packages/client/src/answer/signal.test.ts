import { expect, test, vi } from "vitest";
import type { Answer as TokenStream } from "./answer.ts";
import { eventsOf, handMadeStream, streamOf } from "../testing/client-of.ts";
import { nextTurn } from "../testing/next-turn.ts";
import { sseText, start, stop, token } from "../testing/sse-text.ts";

test("a signal that is already aborted sends no request", async () => {
  const onError = vi.fn<() => void>();
  const leaving = new AbortController();
  leaving.abort();
  const { answer, stream } = handMadeStream({ signal: leaving.signal, onError });
  await expect(stream.result()).rejects.toMatchObject({
    code: "aborted",
    retryable: false,
    text: "",
  });
  expect(stream.status).toBe("cancelled");
  await nextTurn();
  expect(answer.fetch).not.toHaveBeenCalled();
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "aborted" }));
});

test("a signal that is aborted right after the call sends no request", async () => {
  const leaving = new AbortController();
  const { answer, stream } = handMadeStream({ signal: leaving.signal });
  leaving.abort();
  await expect(stream.result()).rejects.toMatchObject({ code: "aborted" });
  await nextTurn();
  expect(answer.fetch).not.toHaveBeenCalled();
});

test("abort while connecting rejects at once", async () => {
  const leaving = new AbortController();
  const stream = streamOf(
    { ending: "silence" },
    { signal: leaving.signal, onStatus: () => queueMicrotask(() => leaving.abort()) },
  );
  await expect(stream.result()).rejects.toMatchObject({ code: "aborted", text: "" });
});

test("abort mid-stream rejects with the text so far, and its reason is the cause", async () => {
  const onError = vi.fn<() => void>();
  const leaving = new AbortController();
  const reason = new Error("The page is being left.");
  const stream = streamOf(
    { body: sseText(start, token("Hel")), ending: "hang" },
    { signal: leaving.signal, onError, onToken: () => leaving.abort(reason) },
  );
  const seen: string[] = [];
  const read = async () => {
    for await (const event of stream) seen.push(event.type);
  };
  await expect(read()).rejects.toMatchObject({ code: "aborted", text: "Hel", cause: reason });
  await expect(stream.result()).rejects.toMatchObject({ code: "aborted", cause: reason });
  expect(seen).toEqual(["start", "token"]);
  expect(stream.status).toBe("cancelled");
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: "aborted", cause: reason, text: "Hel" }),
  );
});

test("abort without a reason has the platform's own as its cause", async () => {
  const leaving = new AbortController();
  const { stream } = handMadeStream({ signal: leaving.signal });
  leaving.abort();
  await expect(stream.result()).rejects.toMatchObject({ cause: { name: "AbortError" } });
});

test("abort after the end does nothing", async () => {
  const leaving = new AbortController();
  const { answer, stream } = handMadeStream({ signal: leaving.signal });
  answer.send(start, stop);
  await stream.result();
  leaving.abort();
  expect(stream.status).toBe("done");
  expect(await eventsOf(stream)).toEqual([start, stop]);
});

const endings: Record<string, (stream: TokenStream, leaving: AbortController) => unknown> = {
  "it is done": () => [start, stop],
  "it fails": () => [start, { type: "error", code: "internal_error", message: "No." }],
  "it breaks off": () => [start],
  "it is cancelled": (stream) => stream.cancel(),
  "it is cancelled before the start": (stream) => stream.cancel(),
  "its signal is aborted": (_, leaving) => leaving.abort(),
};

test.each(Object.keys(endings))(
  "no listener is left on the caller's signal when %s",
  async (name) => {
    const leaving = new AbortController();
    const added = vi.spyOn(leaving.signal, "addEventListener");
    const removed = vi.spyOn(leaving.signal, "removeEventListener");
    const { answer, stream } = handMadeStream({ signal: leaving.signal });
    const isStarted = !name.includes("before");
    if (isStarted) {
      answer.send(token("Hel"));
      await stream[Symbol.asyncIterator]().next();
    }
    const events = endings[name]?.(stream, leaving);
    if (Array.isArray(events)) {
      answer.send(...events);
      answer.end();
    }
    await stream.result().catch(() => {});
    await nextTurn();
    expect(added).toHaveBeenCalledTimes(isStarted ? 1 : 0);
    const left = added.mock.calls.filter(
      ([, listener]) => !removed.mock.calls.some(([, other]) => other === listener),
    );
    expect(left).toEqual([]);
  },
);
