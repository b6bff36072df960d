import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient, type ClientOptions } from "../create-client.ts";
import { anyRequest } from "../testing/client-of.ts";
import { createHandMadeAnswer } from "../testing/hand-made-answer.ts";
import { watchOwnTimers } from "../testing/own-timers.ts";
import type { Connection, Transport } from "../transport/transport.ts";
import { numberedText, sseText, start, stop, token } from "../testing/sse-text.ts";

const utf8 = new TextEncoder();

let timers: ReturnType<typeof watchOwnTimers>;

beforeEach(() => {
  vi.useFakeTimers();
  timers = watchOwnTimers();
});

afterEach(() => {
  timers.stop();
  vi.useRealTimers();
});

/** A stream whose answer the test writes, on a clock that the test moves on. */
function watched(options: Partial<ClientOptions> = {}) {
  const answer = createHandMadeAnswer();
  const url = "/api/llm";
  const client = createClient({ url, fetch: answer.fetch, retry: false, ...options });
  const stream = client.stream(anyRequest);
  const failure = stream.result().then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    answer,
    stream,
    failure,
    write: (text: string) => answer.write(utf8.encode(text)),
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

/** Looks at no signal, as a wrapper of somebody's own may not. */
const silence: typeof fetch = () => new Promise(() => {});

test("a relay that does not answer within connectTimeoutMs is a timeout", async () => {
  const { stream, failure, pass } = watched({ fetch: silence, connectTimeoutMs: 3000 });
  await pass(2999);
  expect(stream.status).toBe("connecting");
  await pass(1);
  expect(await failure).toMatchObject({ code: "timeout", retryable: true, text: "" });
});

test("fifteen seconds are waited for an answer unless it is said otherwise", async () => {
  const { stream, pass } = watched({ fetch: silence });
  await pass(14_999);
  expect(stream.status).toBe("connecting");
  await pass(1);
  expect(stream.status).toBe("error");
});

test("headers that are never made are a timeout too, and send nothing later", async () => {
  const { answer, failure, pass } = watched({ headers: () => new Promise(() => {}) });
  await pass(15_000);
  expect(await failure).toMatchObject({ code: "timeout" });
  expect(answer.fetch).not.toHaveBeenCalled();
});

test("a refusal whose body never ends is a timeout", async () => {
  const body = new ReadableStream();
  const fetch: typeof globalThis.fetch = async () => new Response(body, { status: 502 });
  const { failure, pass } = watched({ fetch });
  await pass(15_000);
  expect(await failure).toMatchObject({ code: "timeout" });
});

test.each<[false | number]>([[false], [Infinity]])(
  "connectTimeoutMs %j waits for ever",
  async (connectTimeoutMs) => {
    const { stream, pass } = watched({ fetch: silence, connectTimeoutMs });
    await pass(86_400_000);
    expect(stream.status).toBe("connecting");
  },
);

test("silence of twice the relay's heartbeat and a second is a stall, which keeps the text", async () => {
  const { answer, stream, failure, write, pass } = watched();
  write(sseText({ ...start, heartbeatMs: 5000 }, token("Hel")));
  await pass(10_999);
  expect(stream.status).toBe("streaming");
  await pass(1);
  expect(await failure).toMatchObject({ code: "stalled", retryable: true, text: "Hel" });
  await answer.givenUp;
});

test("before `start` a heartbeat of fifteen seconds is assumed", async () => {
  const { stream, failure, pass } = watched();
  await pass(30_999);
  expect(stream.status).toBe("connecting");
  await pass(1);
  expect(await failure).toMatchObject({ code: "stalled" });
});

test.each([": heartbeat\n\n", ":", "data", "\n"])("%j is life: any byte is", async (bytes) => {
  const { stream, write, pass } = watched({ idleTimeoutMs: 1000 });
  write(sseText(start, token("Hel")));
  for (let turn = 0; turn < 5; turn += 1) {
    await pass(999);
    write(bytes);
  }
  await pass(999);
  expect(stream.status).toBe("streaming");
  await pass(1);
  expect(stream.status).toBe("error");
});

test("idleTimeoutMs beats the relay's heartbeat", async () => {
  const { stream, write, pass } = watched({ idleTimeoutMs: 50_000 });
  write(sseText({ ...start, heartbeatMs: 10 }));
  await pass(49_999);
  expect(stream.status).toBe("connecting");
  await pass(1);
  expect(stream.status).toBe("error");
});

test("idleTimeoutMs: false waits for ever", async () => {
  const { answer, stream, pass } = watched({ idleTimeoutMs: false });
  answer.send(start, token("Hel"));
  await pass(86_400_000);
  expect(stream.status).toBe("streaming");
});

test("a page that slept looks for what has come meanwhile before it calls it a stall", async () => {
  const { answer, stream, failure, pass } = watched({ idleTimeoutMs: 10_000 });
  answer.send(start, token("Hel"));
  await pass(9000);
  // Timers stand still with the page; the clock does not.
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(1000);
  expect(stream.status).toBe("streaming");
  answer.send(token("lo"), stop);
  await pass(0);
  expect(await failure).toBeUndefined();
  expect(stream.text).toBe("Hello");
});

test("a page that slept finds out all the same that nothing comes any more", async () => {
  const { answer, failure, pass } = watched({ idleTimeoutMs: 10_000 });
  answer.send(start, token("Hel"));
  await pass(9000);
  vi.setSystemTime(Date.now() + 3_600_000);
  await pass(11_000);
  expect(await failure).toMatchObject({ code: "stalled" });
});

test("in a hidden tab, where every timer is late, a dead connection is found out all the same", async () => {
  const { answer, failure, pass } = watched({ idleTimeoutMs: 10_000 });
  answer.send(start, token("Hel"));
  await pass(0);
  for (let wakeCount = 0; wakeCount < 3; wakeCount += 1) {
    // A browser wakes such a tab once a minute.
    vi.setSystemTime(Date.now() + 50_000);
    await pass(10_000);
  }
  expect(timers.count()).toBe(0);
  expect(await failure).toMatchObject({ code: "stalled" });
});

test.each(["done", "cancelled", "error"])(
  "no timer is left when a stream is %s",
  async (ending) => {
    const { answer, stream, pass } = watched();
    answer.send(start, token("Hel"));
    await pass(0);
    expect(timers.count()).toBe(1);
    if (ending === "done") answer.send(stop);
    else if (ending === "cancelled") stream.cancel();
    else answer.end();
    await pass(0);
    expect(stream.status).toBe(ending);
    expect(timers.count()).toBe(0);
  },
);

test("an answer that comes too late sets no timer", async () => {
  const late = createHandMadeAnswer();
  let answer: (response: Response) => void = () => {};
  const fetch: typeof globalThis.fetch = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const { failure, pass } = watched({ fetch });
  await pass(15_000);
  expect(await failure).toMatchObject({ code: "timeout" });
  answer(late.response);
  await late.givenUp;
  await pass(0);
  expect(timers.count()).toBe(0);
});

test("events of a closed connection are ignored, whatever its transport does", async () => {
  let connection: Connection | undefined;
  const transport: Transport = {
    open(_, given) {
      connection = given;
      return new Promise(() => {});
    },
    cancel: () => Promise.resolve(),
  };
  const onEvent = vi.fn<() => void>();
  const stream = createClient({ transport }).stream(anyRequest, { onEvent });
  await Promise.resolve();
  expect(connection?.onEvent(token("Hel"), 1)).toBe(false);
  stream.disconnect();
  expect(connection?.signal.aborted).toBe(true);
  expect(connection?.onEvent(token("lo"), 2)).toBe(true);
  connection?.onActivity();
  expect(stream.text).toBe("Hel");
  // The token and the end.
  expect(onEvent).toHaveBeenCalledTimes(2);
  expect(timers.count()).toBe(0);
});

test("a stream that stalls is resumed where the relay keeps it", async () => {
  const kept = { ...start, resumable: true };
  const first = createHandMadeAnswer();
  const second = createHandMadeAnswer();
  const answers = [first.response, second.response];
  const sent: (string | null)[] = [];
  const fetch: typeof globalThis.fetch = async (_, init) => {
    sent.push(new Headers(init?.headers).get("Last-Event-ID"));
    return answers.shift() ?? Response.error();
  };
  const { stream, failure, pass } = watched({ fetch, retry: { baseDelayMs: 0 } });
  first.write(utf8.encode(numberedText(1, kept, token("Hel"))));
  await pass(31_001);
  expect(sent).toEqual([null, "1"]);
  // What comes late over the old connection is not heard any more.
  await first.givenUp;
  second.write(utf8.encode(numberedText(2, kept, token("lo"), stop)));
  await pass(0);
  expect(await failure).toBeUndefined();
  expect(stream.text).toBe("Hello");
});
