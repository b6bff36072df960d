import { eventuallyTrue } from "@gatestream/testing/eventually";
import { expect, test } from "vitest";
import { createClient, type ClientOptions } from "../../create-client.ts";
import { anyRequest, eventsOf } from "../../testing/client-of.ts";
import {
  createHandMadeRelay,
  fails,
  refuses,
  sends,
  type Play,
} from "../../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../../testing/sse-text.ts";
import { poll, pollTransport } from "./index.ts";

const accepts: Play = () => Response.json({ streamId: "s-1", url: "/stream/s-1" }, { status: 202 });
const nothing = polled([], 1);
const hello = polled([{ id: 1, ...token("Hel") }], 1);
const rest = polled(
  [
    { id: 2, ...token("lo") },
    { id: 3, ...stop },
  ],
  3,
  true,
);
/** Heartbeats never come through. */
const isMute = sends("", "hang");
const startsOnly = sends(numberedText(1, { ...start, resumable: true }), "hang");

function polled(events: readonly object[], next: number, isOver = false): Play {
  return () => Response.json({ events, next, isOver });
}

function clientOf(plays: readonly Play[], options: Partial<ClientOptions> = {}) {
  const relay = createHandMadeRelay(...plays);
  const client = createClient({
    url: "/",
    fetch: relay.fetch,
    resumable: true,
    retry: { baseDelayMs: 1 },
    fallback: pollTransport,
    ...options,
  });
  const asked = () =>
    relay.requests.map(({ method, path, headers }) =>
      [method, path, headers.get("Prefer")].filter(Boolean).join(" "),
    );
  return { relay, client, asked };
}

/** Gives a silent connection up at once. */
const hasty = { fallback: poll, idleTimeoutMs: 20 };
const polls = ["GET /stream/s-1?after=0&wait=0", "GET /stream/s-1?after=1&wait=25"];

test("an answer in polls is the same as in an event stream, notices included", async () => {
  const queued = { type: "queued", position: 1 };
  const { client, relay, asked } = clientOf([accepts, polled([queued], 0), hello, rest]);
  const answer = client.stream(anyRequest);
  const events = await eventsOf(answer);
  expect(events.map(({ type }) => type)).toEqual(["start", "queued", "token", "token", "stop"]);
  expect(answer).toMatchObject({ text: "Hello", reason: "stop", id: "s-1", transport: "poll" });
  expect(asked()).toEqual([
    "POST /stream respond-async",
    "GET /stream/s-1?after=0&wait=0",
    "GET /stream/s-1?after=0&wait=25",
    "GET /stream/s-1?after=1&wait=25",
  ]);
  expect(relay.requests[0]?.headers.get("Idempotency-Key")).toMatch(/^.{16,}$/);
});

test("a start that was lost is sent again with the same key, also for a stream that is not resumable", async () => {
  const { client, relay } = clientOf([fails(), accepts, hello, rest], { resumable: false });
  expect((await client.stream(anyRequest).result()).text).toBe("Hello");
  const keys = relay.requests.slice(0, 2).map(({ headers }) => headers.get("Idempotency-Key"));
  expect(keys[0]).toMatch(/^.{16,}$/);
  expect(keys[1]).toBe(keys[0]);
});

test("a poll that fails is repeated from where it was", async () => {
  const { client, asked } = clientOf([accepts, hello, fails(), nothing, rest]);
  // The relay repeats nothing.
  expect((await client.stream(anyRequest).result()).text).toBe("Hello");
  expect(asked().slice(1)).toEqual([
    ...polls,
    "GET /stream/s-1?after=1&wait=0",
    "GET /stream/s-1?after=1&wait=25",
  ]);
});

test("a poll whose body breaks off is repeated", async () => {
  const half: Play = () =>
    new Response('{"events":[{"id":1,', { headers: { "Content-Type": "application/json" } });
  const { client, asked } = clientOf([accepts, hello, half, nothing, rest]);
  expect((await client.stream(anyRequest).result()).text).toBe("Hello");
  expect(asked().slice(1)).toEqual([...polls, "GET /stream/s-1?after=1&wait=0", polls[1]]);
});

test("a refusal is the relay's", async () => {
  const { client } = clientOf([refuses(400, "invalid_request", { retryable: false })]);
  await expect(client.stream(anyRequest).result()).rejects.toMatchObject({
    code: "invalid_request",
    status: 400,
  });
});

test("cancel ends it at the relay, and nothing more is asked", async () => {
  const { client, relay, asked } = clientOf([accepts, hello, () => new Promise(() => {}), nothing]);
  const answer = client.stream(anyRequest);
  await relay.request(3);
  answer.cancel();
  expect(await answer.result()).toMatchObject({ text: "Hel", reason: "cancelled" });
  await relay.request(4);
  expect(asked().at(-1)).toBe("DELETE /stream/s-1");
  expect(relay.requests[2]?.signal?.aborted).toBe(true);
});

test("an answer that is over without its end is truncated, and not asked for again", async () => {
  const { client, relay } = clientOf([accepts, polled([], 0, true)]);
  await expect(client.stream(anyRequest).result()).rejects.toMatchObject({ code: "truncated" });
  expect(relay.requests).toHaveLength(2);
});

test.each([
  ["that are accepted and silent", [isMute, isMute, accepts]],
  // What has started is followed.
  ["that bring nothing but the start", [startsOnly, startsOnly]],
])("after two connections %s the client polls, and stays with it", async (_, silent) => {
  const { client, asked } = clientOf([...silent, hello, rest, accepts, hello, rest], hasty);
  const first = client.stream(anyRequest);
  expect(first.transport).toBe("fetch");
  expect((await first.result()).text).toBe("Hello");
  expect(first.getSnapshot().transport).toBe("poll");
  expect((await client.stream(anyRequest).result()).text).toBe("Hello");
  const starts = asked().filter((request) => request.startsWith("POST"));
  expect(starts.at(-1)).toBe("POST /stream respond-async");
});

test("a relay that cannot be reached, or an answer that stalls in the middle, is no such proxy", async () => {
  const kept = { ...start, resumable: true };
  const { client } = clientOf(
    [
      fails(),
      isMute,
      sends(numberedText(1, kept, token("Hel")), "hang"),
      isMute,
      sends(numberedText(2, kept, token("lo"), stop)),
    ],
    hasty,
  );
  const answer = client.stream(anyRequest);
  expect((await answer.result()).text).toBe("Hello");
  expect(answer.transport).toBe("fetch");
});

test("a page that is left, or a stream that is cancelled, counts nothing", async () => {
  const { client, relay } = clientOf([isMute, isMute, isMute], { fallback: poll });
  for (let count = 1; count <= 3; count += 1) {
    const answer = client.stream(anyRequest);
    await relay.request(count);
    await eventuallyTrue(() => answer.requestId === undefined && answer.status === "connecting");
    answer.detach();
    expect(answer.transport).toBe("fetch");
  }
});
