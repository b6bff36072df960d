import { eventuallyTrue } from "@gatestream/testing/eventually";
import { describe, expect, inject, test, vi } from "vitest";
import { createClient } from "../create-client.ts";
import type { Checkpoint } from "../answer/stream-options.ts";
import { anyRequest } from "../testing/client-of.ts";
import { cuttingFetch } from "../testing/cutting-fetch.ts";
import { ask, gatewayCall } from "../testing/gateway-call.ts";
import { createHandMadeRelay, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";
import { transports } from "../testing/transports.ts";

const { relayUrl, plainRelayUrl, earlyRelayUrl } = inject("servers");
const soon = { limit: 3, baseDelayMs: 1 };
describe.each(transports)("over $name", ({ name, over }) => {
  const client = createClient({ ...over(relayUrl), resumable: true, retry: soon });

  test("a checkpoint resumes the stream on another page", async () => {
    const { question, request } = ask();
    const stream = client.stream(request, {
      onToken: () => stream.lastEventId === 7 && stream.disconnect(),
    });
    const left = await stream.result();
    expect(left.reason).toBe("disconnected");
    const saved = JSON.stringify(stream.checkpoint);
    const statuses: string[] = [];
    const pieces: string[] = [];
    const resumed = createClient(over(relayUrl)).resume(JSON.parse(saved), {
      onStatus: (status) => statuses.push(status),
      onToken: (piece) => pieces.push(piece),
    });
    expect(resumed).toMatchObject({ text: left.text, lastEventId: 7, status: "idle" });
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect(await resumed.result()).toMatchObject({ text: sentText, reason: "stop" });
    expect(left.text + pieces.join("")).toBe(sentText);
    expect(statuses).toEqual(["connecting", "streaming", "done"]);
    // There is nothing to come back for.
    expect(resumed.checkpoint).toBeUndefined();
  });

  test("a checkpoint of a stream that has ended meanwhile gets its end", async () => {
    const { request } = ask();
    const checkpoints: (Checkpoint | undefined)[] = [];
    const whole = client.stream(request, { onToken: () => checkpoints.push(whole.checkpoint) });
    const { text } = await whole.result();
    const last = checkpoints.at(-1);
    if (last === undefined) throw new Error("There was no checkpoint.");
    expect(last.text).toBe(text);
    const types: string[] = [];
    for await (const { type } of client.resume(last)) types.push(type);
    expect(types.filter((type) => type !== "live")).toEqual(["start", "stop"]);
  });

  test("a stream that is unknown cannot be resumed, and its text is kept", async () => {
    const stream = client.resume({ streamId: "nobody-knows-it", lastEventId: 3, text: "Hel" });
    await expect(stream.result()).rejects.toMatchObject({
      code: "stream_not_found",
      status: 404,
      text: "Hel",
      lastEventId: 3,
      attempts: 1,
    });
    expect(stream.checkpoint).toBeUndefined();
  });

  test("cancel of a resumable stream reaches the relay, which would continue otherwise", async () => {
    const { question, request } = ask("stall");
    const stream = client.stream(request, { onToken: () => stream.cancel() });
    expect((await stream.result()).reason).toBe("cancelled");
    expect(stream.checkpoint).toBeUndefined();
    await gatewayCall({ question, state: "aborted" });
  });

  test("cancel before the first event reaches the relay too", async () => {
    const { question, request } = ask("silent");
    const early = createClient({ ...over(earlyRelayUrl), resumable: true, retry: soon });
    const stream = early.stream(request);
    await gatewayCall({ question, isAccepted: true });
    stream.cancel();
    expect(await stream.result()).toMatchObject({ text: "", reason: "cancelled" });
    await gatewayCall({ question, state: "aborted" });
  });

  test("a checkpoint is enough to cancel a stream", async () => {
    const { question, request } = ask("stall");
    const stream = client.stream(request, { onToken: () => stream.disconnect() });
    await stream.result();
    const { checkpoint } = stream;
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    const resumed = client.resume(checkpoint);
    resumed.cancel();
    expect(await resumed.result()).toMatchObject({ text: checkpoint.text, reason: "cancelled" });
    await gatewayCall({ question, state: "aborted" });
  });

  test("disconnect of a stream that is not resumable ends it at the gateway", async () => {
    const { question, request } = ask("stall");
    const stream = createClient(over(relayUrl)).stream(request, {
      onToken: () => stream.disconnect(),
    });
    expect((await stream.result()).reason).toBe("disconnected");
    expect(stream).toMatchObject({ status: "cancelled", checkpoint: undefined });
    await gatewayCall({ question, state: "aborted" });
  });

  test("the caller's signal detaches a resumable stream, as disconnect does", async () => {
    const { question, request } = ask();
    const leaving = new AbortController();
    const stream = client.stream(request, {
      signal: leaving.signal,
      onToken: () => leaving.abort(),
    });
    await expect(stream.result()).rejects.toMatchObject({ code: "aborted" });
    const { checkpoint } = stream;
    if (checkpoint === undefined) throw new Error("There was no checkpoint.");
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect((await client.resume(checkpoint).result()).text).toBe(sentText);
  });

  test("a relay without resumption answers all the same, and there is no checkpoint", async () => {
    const { question, request } = ask();
    if (name === "polls") {
      const polled = createClient(over(plainRelayUrl)).stream(request);
      // It answers in one response or not at all.
      await expect(polled.result()).rejects.toMatchObject({ code: "invalid_request", status: 400 });
      return;
    }
    const checkpoints: unknown[] = [];
    const plain = createClient({ ...over(plainRelayUrl), resumable: true });
    const stream = plain.stream(request, { onToken: () => checkpoints.push(stream.checkpoint) });
    const { text } = await stream.result();
    expect(text).toBe((await gatewayCall({ question, state: "answered" })).sentText);
    expect(new Set(checkpoints)).toEqual(new Set([undefined]));
  });
});

test.each([300, 997, 4001])(
  "an answer that breaks after every %i bytes is whole, and the gateway was asked once",
  async (byteCount) => {
    const { question, request } = ask();
    const fetch = vi.fn<typeof globalThis.fetch>(cuttingFetch(byteCount));
    const pieces: string[] = [];
    const stream = createClient({ url: relayUrl, resumable: true, retry: soon, fetch }).stream(
      request,
      { onToken: (text) => pieces.push(text) },
    );
    const { text, reason } = await stream.result();
    const { sentText } = await gatewayCall({ question, state: "answered" });
    expect({ text, reason }).toEqual({ text: sentText, reason: "stop" });
    expect(pieces.join("")).toBe(sentText);
    const methods = fetch.mock.calls.map(([, init]) => init?.method ?? "GET");
    expect(methods.length).toBeGreaterThan(2);
    expect(methods.filter((method) => method === "POST")).toEqual(["POST"]);
  },
);

test("a cancel outlives its page, and an id may have any characters", async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response(null, { status: 204 }));
  const resumed = createClient({ url: "/api/llm", fetch, headers: { "X-Tenant": "blue" } }).resume({
    streamId: "a/b?c",
    lastEventId: 0,
    text: "",
  });
  resumed.cancel();
  await eventuallyTrue(() => fetch.mock.calls.length > 0);
  expect(fetch).toHaveBeenCalledExactlyOnceWith(
    "/api/llm/stream/a%2Fb%3Fc",
    expect.objectContaining({ method: "DELETE", keepalive: true }),
  );
  expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).get("X-Tenant")).toBe("blue");
});

test("a start whose answer is lost is asked for again with the same key: it is one stream", async () => {
  const { question, request } = ask();
  let lostCount = 0;
  const fetch: typeof globalThis.fetch = async (...parameters) => {
    const response = await globalThis.fetch(...parameters);
    if (lostCount === 2) return response;
    lostCount += 1;
    await response.body?.cancel();
    throw new TypeError("Load failed");
  };
  const stream = createClient({ url: relayUrl, resumable: true, retry: soon, fetch }).stream(
    request,
  );
  const { text } = await stream.result();
  expect(text).toBe((await gatewayCall({ question, state: "answered" })).sentText);
  expect(lostCount).toBe(2);
});

test("every resumable stream has a key of its own, also where crypto has no randomUUID", async () => {
  const relay = createHandMadeRelay(
    ...[1, 2].map(() => sends(numberedText(1, start, token("Hello"), stop))),
  );
  // As in a page that came over plain HTTP.
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  try {
    const own = createClient({ url: "/", fetch: relay.fetch, resumable: true });
    await own.stream(anyRequest).result();
    await own.stream(anyRequest).result();
  } finally {
    vi.unstubAllGlobals();
  }
  const keys = relay.requests.map(({ headers }) => headers.get("Idempotency-Key") ?? "");
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toMatch(/^[\x21-\x7E]{16,200}$/);
  const detached = { ...anyRequest, onDisconnect: "detach" };
  expect(relay.requests.map(({ body }) => body)).toEqual([detached, detached]);
});

test("a stream that is not resumable sends neither a key nor what becomes of it", async () => {
  const relay = createHandMadeRelay(sends(numberedText(1, start, token("Hello"), stop)));
  const stream = createClient({ url: "/", fetch: relay.fetch }).stream(anyRequest);
  await stream.result();
  expect(relay.requests[0]?.headers.has("Idempotency-Key")).toBe(false);
  expect(relay.requests[0]?.body).toEqual(anyRequest);
});

test("a request may say for itself that it is detached, or that it is not", async () => {
  const relay = createHandMadeRelay(
    ...[1, 2].map(() => sends(numberedText(1, start, token("Hello"), stop))),
  );
  const options = { url: "/", fetch: relay.fetch };
  await createClient(options)
    .stream({ ...anyRequest, onDisconnect: "detach" })
    .result();
  await createClient({ ...options, resumable: true })
    .stream({ ...anyRequest, onDisconnect: "abort" })
    .result();
  const sent = relay.requests.map(({ headers, body }) => [headers.has("Idempotency-Key"), body]);
  expect(sent).toEqual([
    [true, { ...anyRequest, onDisconnect: "detach" }],
    [false, { ...anyRequest, onDisconnect: "abort" }],
  ]);
});

test("an undefined onDisconnect is the same as none: the client's `resumable` decides", async () => {
  const relay = createHandMadeRelay(sends(numberedText(1, start, token("Hello"), stop)));
  const client = createClient({ url: "/", fetch: relay.fetch, resumable: true });
  const onDisconnect = undefined as never;
  await client.stream({ ...anyRequest, onDisconnect }).result();
  expect(relay.requests[0]?.body).toEqual({ ...anyRequest, onDisconnect: "detach" });
  expect(relay.requests[0]?.headers.has("Idempotency-Key")).toBe(true);
});
