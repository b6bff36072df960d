import { afterEach, describe, expect, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import type { StreamOptions, StreamStatus } from "./stream-options.ts";
import { anyRequest, eventsOf, handMadeStream, streamOf } from "../testing/client-of.ts";
import { createHandMadeAnswer } from "../testing/hand-made-answer.ts";
import {
  createHandMadeRelay,
  fails,
  refuses,
  sends,
  type Play,
  type SentRequest,
} from "../testing/hand-made-relay.ts";
import { nextTurn } from "../testing/next-turn.ts";
import { numberedText, sseText, start, stop, token } from "../testing/sse-text.ts";

const cancelled = { type: "stop", reason: "cancelled" };

test("cancel before the start sends no request", async () => {
  const statuses: StreamStatus[] = [];
  const { answer, stream } = handMadeStream({ onStatus: (status) => statuses.push(status) });
  stream.cancel();
  expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
  expect(await eventsOf(stream)).toEqual([cancelled]);
  expect(statuses).toEqual(["cancelled"]);
  await nextTurn();
  expect(answer.fetch).not.toHaveBeenCalled();
});

test("cancel in the first status sends no request", async () => {
  const { answer, stream } = handMadeStream({ onStatus: () => stream.cancel() });
  expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
  await nextTurn();
  expect(answer.fetch).not.toHaveBeenCalled();
});

test("cancel while the headers are being made sends no request", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const headers = () => {
    stream.cancel();
    return Promise.resolve({});
  };
  const stream = createClient({ url: "/", fetch, headers }).stream(anyRequest);
  expect((await stream.result()).reason).toBe("cancelled");
  await nextTurn();
  expect(fetch).not.toHaveBeenCalled();
});

test("cancel while connecting to a server that says nothing resolves at once", async () => {
  const stream = streamOf(
    { ending: "silence" },
    { onStatus: (status) => status === "connecting" && setTimeout(stream.cancel, 0) },
  );
  expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
  expect(stream.status).toBe("cancelled");
});

test("cancel mid-stream resolves with the text so far, ends the loops, and is no error", async () => {
  const onError = vi.fn<() => void>();
  const statuses: StreamStatus[] = [];
  const stream = streamOf(
    { body: sseText(start, token("Hel")), ending: "hang" },
    { onError, onStatus: (status) => statuses.push(status), onToken: () => stream.cancel() },
  );
  const events = eventsOf(stream);
  expect(await stream.result()).toMatchObject({ text: "Hel", reason: "cancelled" });
  expect(await events).toEqual([start, token("Hel"), cancelled]);
  expect(statuses).toEqual(["connecting", "streaming", "cancelled"]);
  expect(onError).not.toHaveBeenCalled();
});

test("cancel gives the body up although the fetch option does not look at the signal", async () => {
  const { answer, stream } = handMadeStream();
  answer.send(start);
  await stream[Symbol.asyncIterator]().next();
  stream.cancel();
  await answer.givenUp;
});

test("an answer that comes after the cancel is given up", async () => {
  const answer = createHandMadeAnswer();
  const fetch: typeof globalThis.fetch = (...parameters) => {
    stream.cancel();
    return answer.fetch(...parameters);
  };
  const stream = createClient({ url: "/", fetch }).stream(anyRequest);
  expect((await stream.result()).reason).toBe("cancelled");
  await answer.givenUp;
});

test("cancel after the end does nothing, whatever the end", async () => {
  const done = handMadeStream();
  done.answer.send(start, token("Hello"), stop);
  await done.stream.result();
  done.stream.cancel();
  expect(done.stream.status).toBe("done");
  expect(await done.stream.result()).toMatchObject({ text: "Hello", reason: "stop" });

  const failed = handMadeStream();
  failed.answer.end();
  await expect(failed.stream.result()).rejects.toMatchObject({ code: "truncated" });
  failed.stream.cancel();
  expect(failed.stream.status).toBe("error");

  const twice = handMadeStream();
  twice.stream.cancel();
  twice.stream.cancel();
  expect(await eventsOf(twice.stream)).toEqual([cancelled]);
});

const callbacks: Record<string, (cancel: () => void) => StreamOptions> = {
  onToken: (cancel) => ({ onToken: cancel }),
  onEvent: (cancel) => ({ onEvent: cancel }),
  onStatus: (cancel) => ({ onStatus: cancel }),
};

test.each(Object.keys(callbacks))("cancel in %s: stop is the last event, once", async (name) => {
  const told: object[] = [];
  const options = callbacks[name]?.(() => {
    if (stream.text !== "") stream.cancel();
  });
  const { answer, stream } = handMadeStream({
    ...options,
    onEvent: (event) => {
      told.push(event);
      options?.onEvent?.(event);
    },
  });
  answer.send(start, token("Hel"), token("lo"), stop);
  const { text } = await stream.result();
  await answer.givenUp;
  expect(text).toBe("Hel");
  expect(stream.text).toBe(text);
  expect(await eventsOf(stream)).toEqual([start, token("Hel"), cancelled]);
  expect(told.filter((event) => "reason" in event)).toEqual([cancelled]);
  expect(told.at(-1)).toEqual(cancelled);
});

test("cancel in the callback of an error event does not make it a success", async () => {
  const failure = { type: "error", code: "internal_error", message: "No.", retryable: true };
  const { answer, stream } = handMadeStream({
    onEvent: ({ type }) => {
      if (type === "error") stream.cancel();
    },
  });
  answer.send(start, failure);
  await expect(stream.result()).rejects.toMatchObject({ code: "internal_error" });
  const seen: object[] = [];
  await expect(
    (async () => {
      for await (const event of stream) seen.push(event);
    })(),
  ).rejects.toMatchObject({ code: "internal_error" });
  expect(seen).toEqual([start, failure]);
});

describe("of an answer that the relay keeps", () => {
  const kept = { ...start, resumable: true };
  const noContent = () => new Response(null, { status: 204 });
  const soon = { limit: 1, baseDelayMs: 1 };

  test("cancel before the first event reaches the relay as soon as the id is known", async () => {
    let answer: (response: Response) => void = () => {};
    const relay = createHandMadeRelay(
      () => new Promise<Response>((resolve) => (answer = resolve)),
      noContent,
    );
    const client = createClient({ url: "/api/llm", fetch: relay.fetch, resumable: true });
    const stream = client.stream(anyRequest);
    const { signal } = await relay.request(1);
    stream.cancel();
    expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
    expect(signal?.aborted).toBe(false);
    const { response, givenUp, send } = createHandMadeAnswer();
    answer(response);
    send({ ...kept, streamId: "s-7" });
    await givenUp;
    expect(await relay.request(2)).toMatchObject({
      method: "DELETE",
      path: "/api/llm/stream/s-7",
    });
  });

  test("disconnect before the first event leaves it, as it says", async () => {
    const relay = createHandMadeRelay(() => new Promise<Response>(() => {}));
    const client = createClient({ url: "/api/llm", fetch: relay.fetch, resumable: true });
    const stream = client.stream(anyRequest);
    const { signal } = await relay.request(1);
    stream.disconnect();
    expect(signal?.aborted).toBe(true);
  });

  test("cancel while the headers are being made sends no request", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const headers = () => {
      queueMicrotask(() => stream.cancel());
      return nextTurn().then(() => ({}));
    };
    const client = createClient({ url: "/", fetch, headers, resumable: true });
    const stream = client.stream(anyRequest);
    expect((await stream.result()).reason).toBe("cancelled");
    await nextTurn();
    await nextTurn();
    expect(fetch).not.toHaveBeenCalled();
  });

  test.each(["a failure", "disconnect"] as const)(
    "cancel after %s ends it at the relay, once",
    async (ending) => {
      const relay = createHandMadeRelay(
        sends(numberedText(1, kept, token("Hel")), ending === "a failure" ? "cut" : "hang"),
        ...(ending === "a failure" ? [fails()] : []),
        noContent,
      );
      const client = createClient({
        url: "/api/llm",
        fetch: relay.fetch,
        resumable: true,
        retry: soon,
      });
      const stream = client.stream(anyRequest, {
        onToken: () => ending === "disconnect" && stream.disconnect(),
      });
      await stream.result().catch(() => {});
      const { status } = stream;
      expect(stream.checkpoint).toBeDefined();
      stream.cancel();
      stream.cancel();
      expect(stream.checkpoint).toBeUndefined();
      expect(stream.status).toBe(status);
      await nextTurn();
      expect(relay.requests.filter(({ method }) => method === "DELETE")).toHaveLength(1);
      expect(relay.requests.at(-1)?.path).toBe("/api/llm/stream/s-1");
    },
  );

  describe("before any answer, while the client waits to ask again", () => {
    const long = { baseDelayMs: 600_000, maxDelayMs: 600_000 };
    afterEach(() => vi.restoreAllMocks());

    async function untilItWaits(...plays: readonly Play[]) {
      vi.spyOn(Math, "random").mockReturnValueOnce(0.999).mockReturnValue(0);
      const relay = createHandMadeRelay(...plays);
      const client = createClient({ url: "/", fetch: relay.fetch, resumable: true, retry: long });
      const stream = client.stream(anyRequest);
      await relay.request(1);
      // What the first request failed with has come by then.
      await nextTurn();
      return { relay, stream };
    }

    const keyOf = ({ headers }: SentRequest) => headers.get("Idempotency-Key");

    test.each([
      ["the network has failed", fails()],
      ["a proxy has failed", () => new Response("<h1>Nope</h1>", { status: 502 })],
      ["the answer broke off", sends("", "cut")],
    ])("cancel ends what the relay may have started: %s", async (_, failure) => {
      const { relay, stream } = await untilItWaits(
        failure,
        fails(),
        sends(sseText(kept), "hang"),
        noContent,
      );
      stream.cancel();
      expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
      const [first, second, third, last] = [
        await relay.request(1),
        await relay.request(2),
        await relay.request(3),
        await relay.request(4),
      ];
      expect(keyOf(first)).toBeTruthy();
      expect([keyOf(second), keyOf(third)]).toEqual([keyOf(first), keyOf(first)]);
      expect(last).toMatchObject({ method: "DELETE", path: "/stream/s-1" });
      await nextTurn();
      expect(third.signal?.aborted).toBe(true);
      expect(stream.status).toBe("cancelled");
      expect(stream.checkpoint).toBeUndefined();
      expect(await eventsOf(stream)).toEqual([cancelled]);
    });

    test("cancel sends nothing where the relay has refused, and started nothing", async () => {
      const { relay, stream } = await untilItWaits(refuses(503, "overloaded"));
      stream.cancel();
      await stream.result();
      await nextTurn();
      expect(relay.requests).toHaveLength(1);
    });

    test("disconnect sends nothing", async () => {
      const { relay, stream } = await untilItWaits(fails());
      stream.disconnect();
      await stream.result();
      await nextTurn();
      expect(relay.requests).toHaveLength(1);
    });
  });
});
