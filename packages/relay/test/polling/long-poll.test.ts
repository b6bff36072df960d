import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Provider } from "../../src/gateway/provider.ts";
import { loggedStreamId } from "../../src/observe/logged-names.ts";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo, responseTo } from "@gatestream/testing/ask";
import { startBufferingProxy } from "@gatestream/testing/buffering-proxy";
import { eventually } from "@gatestream/testing/eventually";
import { answerIn, askPoll, poll, pollToEnd } from "@gatestream/testing/long-poll";
import { connectRaw } from "@gatestream/testing/raw-client";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { createReader, streamAt } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays, startTwoRelays } from "@gatestream/testing/two-relays";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";
import { askForWhole, lastId, tokenCount } from "@gatestream/testing/whole-answer";

const held = { gateway: { hold: "pieces" } } as const;
const stop = { id: lastId, type: "stop", reason: "stop" };
const tokenAt = (id: number) => ({ id, type: "token", content: `${id - 1} `, index: id - 1 });

/** The id of a new stream that nobody reads yet. */
async function start(
  { streamUrl }: RelayUnderTest,
  body: object = askForWhole,
  headers: OutgoingHttpHeaders = {},
): Promise<string> {
  const asking = ask(streamUrl, body, { headers: { Prefer: "respond-async", ...headers } });
  return JSON.parse((await replyTo(asking)).text).streamId;
}

describeEachLog("a stream that is polled", (kind) => {
  test("is the one that an event stream has, and each answer says from where to go on", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    const streamId = await start(here);
    const reader = createReader(streamId);
    await reader.comeBack(there.url);
    const targets = [streamAt(here.url, streamId), streamAt(there.url, streamId)];
    const polled = pollToEnd(() => {
      targets.reverse();
      return targets[0] ?? "";
    });
    for (let id = 0; id < lastId; id += 3) {
      await gateway.release(3);
      await reader.readTo(Math.min(id + 3, lastId));
    }
    await reader.readToEnd();
    const answers = await polled;
    const numbered = reader.events.filter(({ id }) => id !== undefined);
    expect(answers.flatMap(({ events }) => events).filter(({ id }) => id !== undefined)).toEqual(
      numbered.map(({ id, event }) => Object.assign({ id: Number(id) }, event)),
    );
    for (const { events, next, isOver } of answers) {
      expect(next).toBe(events.at(-1)?.id);
      expect(isOver).toBe(next === lastId);
    }
    for (const target of targets) {
      expect(await poll(target, { after: lastId })).toEqual({
        events: [],
        next: lastId,
        isOver: true,
      });
    }
  });

  test("is answered at once where there is something, else when something comes, or after wait", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    const target = streamAt(there.url, await start(here));
    const waiting = poll(target, { wait: 60 });
    await gateway.release(2);
    const first = await waiting;
    expect(first.events[0]).toEqual(tokenAt(1));
    await eventually(async () => {
      expect(await poll(target, { wait: 60 })).toEqual({
        events: [tokenAt(1), tokenAt(2)],
        next: 2,
        isOver: false,
      });
    });
    const nothing = { events: [], next: 2, isOver: false };
    expect(await poll(target, { after: 2, wait: 0 })).toEqual(nothing);
    const before = performance.now();
    expect(await poll(target, { after: 2, wait: 1 })).toEqual(nothing);
    expect(performance.now() - before).toBeGreaterThan(980);
  });

  test("is polled with a head like other answers in JSON", async () => {
    await using relays = await startRelays(kind);
    const streamId = await start(relays.here);
    const headers = { "X-Request-Id": "r-1" };
    const reply = await replyTo(askPoll(streamAt(relays.there.url, streamId), { headers }));
    expect(reply.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-stream-id": streamId,
      "x-request-id": "r-1",
    });
  });

  test("whatever the answers may hold, and whichever relays are asked, comes whole and in order", async () => {
    const asked = { ...question("/scenario many-tokens 100"), onDisconnect: "detach" };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1_024, max: 3_000 }),
        fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        async (maxBufferedBytes, pieces, turns) => {
          await using relays = await startRelays(kind, { ...held, maxBufferedBytes });
          const { here, there, gateway } = relays;
          const streamId = await start(here, asked);
          let turn = 0;
          const polled = pollToEnd(() => {
            turn += 1;
            const { url } = turns[turn % turns.length] ? here : there;
            return streamAt(url, streamId);
          });
          let released = 0;
          for (let at = 0; released < 101; at += 1) {
            const count = Math.min(pieces[at % pieces.length] ?? 1, 101 - released);
            await gateway.release(count);
            released += count;
          }
          const answers = await polled;
          const ids = answers.flatMap(({ events }) => events.map(({ id }) => id));
          expect(ids).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
          for (const { events } of answers) {
            const bytes = JSON.stringify(events).length - events.length * '{"id":101,'.length;
            expect(bytes).toBeLessThanOrEqual(maxBufferedBytes + 2);
          }
        },
      ),
      { numRuns: kind === "redis" ? 4 : 15 },
    );
  });

  test("has a gap for what is no longer kept", async () => {
    await using relays = await startRelays(kind, { ...held, maxLogBytes: 1_024 });
    const { here, there, gateway } = relays;
    const body = { ...question("/scenario many-tokens 100"), onDisconnect: "detach" };
    const streamId = await start(here, body);
    for (let after = 0; after < 101;) {
      const polling = poll(streamAt(here.url, streamId), { after, wait: 60 });
      await gateway.release(1);
      after = (await polling).next;
    }
    const target = streamAt(there.url, streamId);
    const [first, ...rest] = await pollToEnd(() => target);
    const [gap, second] = first?.events ?? [];
    expect(gap).toEqual({ type: "gap", from: 1, to: expect.any(Number) });
    expect(second?.id).toBe((gap as unknown as { to: number }).to + 1);
    expect([...(first?.events ?? []), ...rest.flatMap(({ events }) => events)].at(-1)).toEqual({
      ...stop,
      id: 101,
    });
  });

  test("is refused with the statuses of an event stream", async () => {
    await using relays = await startRelays(kind, {
      ...held,
      authenticate: ({ headers }) =>
        headers["x-user"] === undefined ? undefined : { subject: String(headers["x-user"]) },
    });
    const { here, there } = relays;
    const headers = { "X-User": "ada" };
    const target = streamAt(here.url, await start(here, askForWhole, headers));
    const unknown = streamAt(there.url, "A".repeat(22));
    const refusals = [
      [target, {}, 401, "unauthorized"],
      [target, { headers: { "X-User": "eve" } }, 404, "stream_not_found"],
      [unknown, { headers }, 404, "stream_not_found"],
      [target, { headers, after: 9 }, 409, "cursor_unknown"],
      [target, { headers, after: "x" }, 400, "invalid_request"],
      ...["61", "-1", "1.5", "x", "", "1e1", "100"].map(
        (wait) => [target, { headers, wait }, 400, "invalid_request"] as const,
      ),
    ] as const;
    for (const [url, options, status, code] of refusals) {
      const reply = await replyTo(askPoll(url, options));
      expect([options, reply.status, refusalIn(reply).code]).toEqual([options, status, code]);
    }
    const head = { method: "HEAD", headers: { ...headers, Accept: "application/json" } };
    expect((await replyTo(ask(target, undefined, head))).status).toBe(405);
  });

  test("is found by its conversation too", async () => {
    await using relays = await startRelays(kind, {
      ...held,
      authenticate: () => ({ subject: "ada" }),
    });
    const { here, there, gateway } = relays;
    const target = `${there.url}/api/llm/conversations/case:1/stream`;
    expect((await replyTo(askPoll(target))).status).toBe(204);
    const streamId = await start(here, { ...askForWhole, conversationId: "case:1" });
    const waiting = replyTo(askPoll(target));
    await gateway.release(1);
    const reply = await waiting;
    expect(reply.headers["x-stream-id"]).toBe(streamId);
    expect(answerIn(reply)).toEqual({ events: [tokenAt(1)], next: 1, isOver: false });
  });

  test("ends its poll with reconnect when what the caller proved ends", async () => {
    await using relays = await startRelays(kind, {
      ...held,
      authenticate: ({ headers }) => ({
        subject: "ada",
        ...(headers["x-expires-at"] && { expiresAt: Number(headers["x-expires-at"]) }),
      }),
    });
    const { here, there } = relays;
    const target = streamAt(there.url, await start(here));
    const headers = { "X-Expires-At": Date.now() + 200 };
    expect(await poll(target, { wait: 60, headers })).toEqual({
      events: [{ type: "reconnect", retryMs: expect.any(Number) }],
      next: 0,
      isOver: false,
    });
  });
});

/** A new stream, and a poll that waits for more than the `after` events that it has: its only reader. */
async function startWaiting(under: RelayUnderTest, body: object, after = 0) {
  const reader = createReader();
  await reader.open(ask(under.streamUrl, { ...body, onDisconnect: "detach" }));
  await reader.readToNotice("start");
  await reader.readTo(after);
  const target = streamAt(under.url, reader.streamId);
  const polling = askPoll(target, { after, wait: 60 });
  await once(polling, "finish");
  // Answered after that one was taken.
  expect(await poll(target, { after, wait: 0 })).toMatchObject({ next: after, isOver: false });
  reader.cut();
  return { streamId: reader.streamId, polling };
}

describeEachLog("a reader that polls", (kind) => {
  /** Until a stream without readers, which begins now, has been abandoned. */
  async function untilGraceIsOver(here: RelayUnderTest): Promise<void> {
    await untilAbandoned(here, await start(here, question("Hello")));
  }

  async function untilAbandoned(here: RelayUnderTest, streamId: string): Promise<void> {
    const ended = { type: "stream_ended", streamId: loggedStreamId(streamId, "") };
    await eventually(() =>
      expect(here.observed).toContainEqual(
        expect.objectContaining({ ...ended, ending: "abandoned" }),
      ),
    );
  }

  test("keeps its stream while it waits, and no longer than the grace after it has left", async () => {
    await using relays = await startRelays(kind, { ...held, orphanGraceMs: 100 });
    const { here } = relays;
    const { streamId, polling } = await startWaiting(here, askForWhole);
    await untilGraceIsOver(here);
    await untilGraceIsOver(here);
    const isEnd = ({ type }: { type: string }): boolean => type === "stream_ended";
    expect(here.observed.filter(isEnd)).toHaveLength(2);
    polling.destroy();
    await untilAbandoned(here, streamId);
  });

  test("keeps its stream with polls that follow each other, and gets all of it", async () => {
    await using relays = await startRelays(kind, { ...held, orphanGraceMs: 2_000 });
    const { here, gateway } = relays;
    const { streamId, polling } = await startWaiting(here, askForWhole);
    const target = streamAt(here.url, streamId);
    let isGraceOver = false;
    const grace = untilGraceIsOver(here).then(() => {
      isGraceOver = true;
    });
    polling.destroy();
    while (!isGraceOver) expect((await poll(target, { wait: 1 })).isOver).toBe(false);
    await grace;
    const polled = pollToEnd(() => target);
    await gateway.release(lastId);
    const events = (await polled).flatMap((answer) => answer.events);
    expect(events).toEqual([
      ...Array.from({ length: tokenCount }, (_, index) => tokenAt(index + 1)),
      stop,
    ]);
  });
});

test("a client that leaves while it waits leaves nothing behind", async () => {
  await using under = await startWatchedRelay({
    emulator: { scenario: "stall" },
    orphanGraceMs: 100,
  });
  const { polling } = await startWaiting(under, question("Hello"), 8);
  polling.destroy();
  await under.untilNothingLeft();
});

test("a poll that waits for longer than the server's idle time is answered", async () => {
  await using under = await startRelay({
    emulator: { scenario: "stall" },
    slowConsumerTimeoutMs: 200,
  });
  const target = streamAt(under.url, await start(under, question("Hello")));
  await eventually(async () => expect((await poll(target, { wait: 0 })).next).toBe(8));
  expect(await poll(target, { after: 8, wait: 1 })).toEqual({
    events: [],
    next: 8,
    isOver: false,
  });
});

test.each<[string | undefined, string]>([
  ["application/json", "json"],
  ["application/json, text/plain, */*", "json"],
  ["application/json;q=0.9, text/event-stream;q=0.5", "json"],
  ["Application/JSON", "json"],
  [undefined, "event-stream"],
  ["*/*", "event-stream"],
  ["text/event-stream", "event-stream"],
  ["application/json, text/event-stream", "event-stream"],
  ["text/event-stream, application/json;q=0.9", "event-stream"],
  ["application/json;q=0", "event-stream"],
  ["application/json-seq", "event-stream"],
])("a request with Accept %s is answered with %s", async (accept, expected) => {
  await using under = await startRelay();
  const target = streamAt(under.url, await start(under));
  const headers = accept === undefined ? {} : { Accept: accept };
  const { headers: head } = await replyTo(ask(target, undefined, { method: "GET", headers }));
  expect(head["content-type"]).toContain(expected);
});

test("a host's own format in JSON is not replaced by the long poll", async () => {
  const { sseFormat } = await import("../../src/http/sse.ts");
  const json = { ...sseFormat, mediaType: "application/json", encode: () => "own\n" };
  await using under = await startRelay({ formats: [sseFormat, json] });
  const target = streamAt(under.url, await start(under));
  const headers = { Accept: "application/json" };
  const { text } = await replyTo(ask(target, undefined, { method: "GET", headers }));
  expect(text).toContain("own\n");
});

test("fields of the gateway that are called id get gateway. in front, and nothing else is renamed", async () => {
  const events = [
    { type: "citation", content: 'an "id": here', index: 0, id: "c1" },
    { type: "citation", content: "", index: 1, nested: { id: "c2" } },
    { type: "token", content: '{"id":1}', index: 2 },
    { type: "stop", reason: "stop" },
  ];
  const provider: Provider = {
    name: "own",
    open(_request, _context, sink) {
      sink.events(events as never);
      return { resume() {}, cancel() {} };
    },
    async close() {},
  };
  const relay = createRelay({ port: 0, provider, shutdownGraceMs: 0 });
  const { url } = await relay.listen();
  const headers = { Prefer: "respond-async" };
  const started = await replyTo(ask(`${url}/api/llm/stream`, question("Hello"), { headers }));
  const answers = await pollToEnd(() => streamAt(url, JSON.parse(started.text).streamId));
  const { id: own, ...citation } = events[0] ?? {};
  expect(answers.flatMap((answer) => answer.events)).toEqual([
    { ...citation, id: 1, "gateway.id": own },
    { ...events[1], id: 2 },
    { ...events[2], id: 3 },
    { ...events[3], id: 4 },
  ]);
  await relay.close();
});

describe("when the relay stops", () => {
  test.skipIf(whyNoRedis)(
    `and another has the stream, a poll is answered at once ${whyNoRedis ?? ""}`,
    async () => {
      await using relays = await startTwoRelays({ ...held, shutdownGraceMs: 60_000 });
      const { here, there, gateway } = relays;
      const streamId = await start(here);
      // What the stop waits for.
      const attached = replyTo(ask(here.streamUrl, { ...askForWhole, onDisconnect: "abort" }));
      await gateway.release(1);
      const [waiting, ready] = [streamAt(here.url, streamId), streamAt(there.url, streamId)];
      expect((await poll(waiting)).next).toBe(1);
      const polling = askPoll(waiting, { after: 1, wait: 60 });
      await once(polling, "finish");
      await eventually(async () => {
        expect((await poll(waiting, { wait: 0 })).next).toBe(1);
      });
      const closing = here.relay.close();
      expect(answerIn(await replyTo(polling))).toEqual({
        events: [{ type: "reconnect", retryMs: expect.any(Number) }],
        next: 1,
        isOver: false,
      });
      const refused = await replyTo(askPoll(waiting, { after: 1 }));
      expect([refused.status, refusalIn(refused).code]).toEqual([503, "relay_draining"]);
      expect(refused.headers["retry-after"]).toBe("1");
      const polled = pollToEnd(() => ready, { after: 1 });
      await gateway.release(lastId);
      await gateway.release(lastId);
      expect((await polled).at(-1)?.events.at(-1)).toEqual(stop);
      await Promise.all([attached, closing]);
    },
  );

  test("a poll of a stream that no other has gets its end", async () => {
    await using under = await startRelay({ emulator: { scenario: "stall" } });
    const { polling } = await startWaiting(under, question("Hello"), 8);
    const answered = replyTo(polling);
    await under.relay.close();
    expect(answerIn(await answered)).toMatchObject({
      events: [{ id: 9, type: "error", code: "relay_draining" }],
      next: 9,
      isOver: true,
    });
  });
});

test("a poll behind a stream on the same connection is refused", async () => {
  await using under = await startRelay({ emulator: { scenario: "stall" } });
  using client = await connectRaw(under.url);
  const get = (accept: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\n\r\n`;
  const path = `/api/llm/stream/${await start(under, question("Hello"))}`;
  client.send(get("text/event-stream") + get("application/json"));
  await client.until("event: live");
  const refused = await under.untilObserved("request_refused");
  expect(refused.error).toMatchObject({ code: "invalid_request" });
});

test("polls pass through a proxy that holds each response back until its end", async () => {
  await using relays = await startRelays("memory", held);
  const { here, gateway } = relays;
  await using proxy = await startBufferingProxy(here.url);
  const streamId = await start({ ...here, streamUrl: `${proxy.url}/api/llm/stream` });
  const target = streamAt(proxy.url, streamId);
  const events = askForEvents(target);
  let after = 0;
  for (let id = 1; id <= lastId; id += 1) {
    const polling = poll(target, { after, wait: 60 });
    await gateway.release(1);
    const answer = await polling;
    expect(answer).toMatchObject({ events: [{ id }], next: id, isOver: id === lastId });
    // Of an event stream there is nothing yet.
    if (id < lastId) expect(events.hasAnswered).toBe(false);
    after = answer.next;
  }
});

/** An event stream, and whether anything of it has come. */
function askForEvents(target: string) {
  const seen = { hasAnswered: false };
  const asking = ask(target, undefined, { method: "GET" });
  responseTo(asking).then(
    (response) => {
      seen.hasAnswered = true;
      response.resume();
    },
    () => {},
  );
  return seen;
}
