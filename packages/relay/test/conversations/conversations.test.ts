import type { OutgoingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import type { Authenticate } from "../../src/access/caller.ts";
import type { ResumableLog } from "../../src/log/event-log.ts";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import { ask, question, refusalIn, replyTo, type Reply } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { createReader, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { openPage } from "@gatestream/testing/socket-page";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { describeEachLog, startRelays, startTwoRelays } from "@gatestream/testing/two-relays";
import {
  askForWhole,
  expectWhole,
  idsOf,
  lastId,
  noticesOf,
} from "@gatestream/testing/whole-answer";

/** Everybody is who they say. */
const authenticate: Authenticate = ({ headers }) => ({ subject: String(headers["x-user"]) });
const held = { gateway: { hold: "pieces" }, authenticate } as const;
const ada: OutgoingHttpHeaders = { "X-User": "ada" };
const eve: OutgoingHttpHeaders = { "X-User": "eve" };

const conversationId = "case:4711/a";
const inConversation = { ...askForWhole, onDisconnect: "detach", conversationId } as const;

interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly id?: string;
}

/** Asks for `what` of a conversation. */
function askFor({ url }: RelayUnderTest, what: string, asked: Asked = {}) {
  const { method = "GET", headers = ada, id = encodeURIComponent(conversationId) } = asked;
  const target = `${url}/api/llm/conversations/${id}/${what}`;
  return ask(target, undefined, { method, headers });
}

async function listOf(under: RelayUnderTest, asked?: Asked): Promise<readonly object[]> {
  const reply = await replyTo(askFor(under, "streams", asked));
  expect([reply.status, reply.headers["cache-control"]]).toEqual([200, "no-store"]);
  return JSON.parse(reply.text).streams;
}

/** A reader of a new stream in the conversation, who has its start. */
async function startReader(
  under: RelayUnderTest,
  { headers = ada, body = inConversation }: { headers?: OutgoingHttpHeaders; body?: object } = {},
): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(under.streamUrl, body, { headers }));
  await reader.readToNotice("start");
  return reader;
}

const codeOf = (reply: Reply) => [reply.status, refusalIn(reply).code];

describeEachLog("the streams of a conversation", (kind) => {
  test("are listed on every relay, the newest first, each to its own caller", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    const before = Date.now();
    const ended = await startReader(here);
    await gateway.release(lastId);
    await ended.readToEnd();
    // Two that begin in the same millisecond have no order.
    await eventually(() => expect(Date.now()).toBeGreaterThan(before + 5));
    const running = await startReader(there);
    await gateway.release(2);
    await running.readTo(2);
    const others = await startReader(here, { headers: eve });
    await startReader(here, { body: { ...askForWhole, conversationId: "case:4712" } });
    await startReader(here, { body: askForWhole });
    for (const under of [here, there]) {
      await eventually(async () => {
        expect(await listOf(under)).toEqual([
          {
            streamId: running.streamId,
            status: "running",
            startedAt: expect.any(Number),
            lastId: 2,
          },
          {
            streamId: ended.streamId,
            status: "ended",
            reason: "stop",
            startedAt: expect.any(Number),
            lastId,
          },
        ]);
      });
      expect(await listOf(under, { headers: eve })).toMatchObject([{ streamId: others.streamId }]);
      expect(await listOf(under, { headers: { "X-User": "bob" } })).toEqual([]);
    }
    const [, { startedAt = 0 } = {}] = (await listOf(here)) as { startedAt?: number }[];
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(startedAt).toBeLessThanOrEqual(Date.now());
  });

  test("the newest one that runs is followed, from its beginning or from where the caller says", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there, gateway } = relays;
    await startReader(here, { headers: eve });
    expect((await replyTo(askFor(there, "stream"))).status).toBe(204);
    const first = await startReader(here);
    await gateway.release(3);
    void gateway.release(3);
    await first.readTo(3);
    const [whole, later] = [createReader(), createReader()];
    // An EventSource that reconnects sends it, perhaps of another stream.
    await whole.open(askFor(there, "stream", { headers: { ...ada, "Last-Event-ID": 2 } }));
    await later.open(askFor(there, "stream?after=2"));
    expect([whole.streamId, later.streamId]).toEqual([first.streamId, first.streamId]);
    await gateway.release(lastId);
    await gateway.release(lastId);
    for (const reader of [first, whole]) {
      await reader.readToEnd();
      expectWhole(reader);
    }
    await later.readToEnd();
    expect(idsOf(later)[0]).toBe(3);
    await eventually(async () => {
      expect((await replyTo(askFor(there, "stream"))).status).toBe(204);
    });
    const wrong = await replyTo(askFor(there, "stream?after=x"));
    expect(codeOf(wrong)).toEqual([400, "invalid_request"]);
  });

  test("the newest one that runs is cancelled, for its own caller alone", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there } = relays;
    const reader = await startReader(here);
    const cancel = { method: "DELETE" };
    const others = await replyTo(askFor(there, "stream", { ...cancel, headers: eve }));
    expect(others.status).toBe(204);
    expect(await listOf(there)).toMatchObject([{ status: "running" }]);
    for (let count = 0; count < 2; count += 1) {
      expect((await replyTo(askFor(there, "stream", cancel))).status).toBe(204);
    }
    await reader.readToEnd();
    expect(reader.events.at(-1)?.event).toMatchObject({ reason: "cancelled" });
    await eventually(async () => {
      expect(await listOf(here)).toMatchObject([{ status: "ended", reason: "cancelled" }]);
    });
  });

  test("that are kept no longer are listed no more, nor is one whose start was refused", async () => {
    await using relays = await startRelays(kind, {
      authenticate,
      maxKeptStreamsPerSubject: 2,
      firstByteGraceMs: 60_000,
    });
    const { here, there } = relays;
    const body = { ...question("/scenario bad-request"), conversationId, onDisconnect: "detach" };
    expect((await replyTo(ask(here.streamUrl, body, { headers: ada }))).status).toBe(400);
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const reader = await startReader(here);
      await reader.readToEnd();
      ids.push(reader.streamId);
    }
    await eventually(async () => {
      const listed = (await listOf(there)) as { streamId: string; status: string }[];
      expect(listed.map(({ status }) => status)).toEqual(["ended", "ended"]);
      expect(listed.map(({ streamId }) => streamId).toSorted()).toEqual(ids.slice(1).toSorted());
    });
  });

  test("are found by the id in the path, however it is encoded", async () => {
    await using relays = await startRelays(kind, held);
    const { here, there } = relays;
    const { streamId } = await startReader(here);
    for (const id of ["case:4711/a", "case%3A4711%2Fa", "case%3a4711%2fa", "%63ase:4711%2Fa"]) {
      expect(await listOf(there, { id })).toMatchObject([{ streamId }]);
    }
    for (const id of ["%", "%zz", "%ff", "%C3%A4", "a%20b", "a%00", "x".repeat(201), "a%2"]) {
      const refused = await replyTo(askFor(there, "streams", { id }));
      expect([id, ...codeOf(refused)]).toEqual([id, 400, "invalid_request"]);
    }
  });
});

describe("where callers are anonymous", () => {
  test("the id of a conversation has 16 characters, or the request is refused", async () => {
    await using under = await startRelay();
    const short = { ...inConversation, conversationId: "x".repeat(15) };
    const refusals = [
      ask(under.streamUrl, short),
      ask(under.streamUrl, { ...short, onDisconnect: "abort" }, respondAsync),
      ...["streams", "stream"].map((what) => askFor(under, what, { id: "x".repeat(15) })),
      askFor(under, "stream", { method: "DELETE", id: "x".repeat(15) }),
    ];
    for (const refused of await Promise.all(refusals.map(replyTo))) {
      expect(codeOf(refused)).toEqual([400, "invalid_request"]);
      expect(refusalIn(refused).message).toContain("16 to 200");
    }
    // It is not kept.
    const attached = await replyTo(ask(under.streamUrl, { ...short, onDisconnect: "abort" }));
    expect(attached.status).toBe(200);
    expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
  });

  test("one of 16 characters is found from any address", async () => {
    await using under = await startRelay({ trustedProxies: ["loopback"] });
    const id = "0123456789abcdef";
    const headers = { "X-Forwarded-For": "192.0.2.1" };
    const body = { ...inConversation, conversationId: id };
    const { text } = await replyTo(ask(under.streamUrl, body, { headers }));
    expect(text).toContain('"type":"stop"');
    const from = { "X-Forwarded-For": "198.51.100.2" };
    expect(await listOf(under, { id, headers: from })).toMatchObject([{ status: "ended" }]);
  });
});

const respondAsync = { headers: { Prefer: "respond-async" } };

describe("a request for the streams of a conversation", () => {
  test("is a page's of an allowed origin too", async () => {
    const origin = "https://app.example.com";
    await using under = await startRelay({ authenticate, allowedOrigins: [origin] });
    for (const [what, methods] of [
      ["streams", "GET"],
      ["stream", "GET, DELETE"],
    ] as const) {
      const headers = { Origin: origin, "Access-Control-Request-Method": "GET" };
      const preflight = await replyTo(askFor(under, what, { method: "OPTIONS", headers }));
      expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([
        204,
        methods,
      ]);
      const wrong = await replyTo(askFor(under, what, { method: "POST" }));
      expect([wrong.status, wrong.headers.allow]).toEqual([405, methods]);
      const reply = await replyTo(askFor(under, what, { headers: { ...ada, Origin: origin } }));
      expect(reply.headers["access-control-allow-origin"]).toBe(origin);
    }
  });

  test("is one that the caller has to be known for", async () => {
    await using under = await startRelay({ authenticate: () => undefined });
    for (const what of ["streams", "stream"]) {
      expect(codeOf(await replyTo(askFor(under, what)))).toEqual([401, "unauthorized"]);
    }
  });

  test("is logged without the id", async () => {
    await using under = await startRelay({ authenticate: () => undefined });
    await replyTo(askFor(under, "streams", { id: "ada%40example.com/x" }));
    await replyTo(askFor(under, "", { id: "ada%40example.com" }));
    expect(JSON.stringify(under.observed)).not.toContain("example.com");
    expect(under.observed).toMatchObject([
      { path: expect.stringMatching(/^\/api\/llm\/conversations\/sha256:\w{16}\/streams$/) },
      { path: expect.stringMatching(/^\/api\/llm\/conversations\/sha256:\w{16}$/) },
    ]);
  });

  test("is refused where resumption is off, or the log does not find them", async () => {
    const limits = { maxLogBytes: 1e6, maxTotalLogBytes: 1e6, retainClosedMs: 60_000 };
    const { findByConversation: _, ...log } = createMemoryLog(limits);
    const older: ResumableLog = log;
    for (const options of [{ resume: "off" }, { log: older }] as const) {
      await using under = await startRelay({ authenticate, ...options });
      const started = await replyTo(ask(under.streamUrl, inConversation, { headers: ada }));
      expect(started.text).toContain('"type":"stop"');
      for (const what of ["streams", "stream"]) {
        const refused = await replyTo(askFor(under, what));
        expect(codeOf(refused)).toEqual([404, "not_found"]);
        expect(refusalIn(refused).message).toContain("findByConversation");
      }
    }
  });
});

test.skipIf(whyNoRedis)(
  `a reader is sent on while the relay stops, and another has the stream ${whyNoRedis ?? ""}`,
  async () => {
    await using relays = await startTwoRelays({ ...held, shutdownGraceMs: 60_000 });
    const { here, there, gateway } = relays;
    const sent = await startReader(here);
    // What the stop waits for.
    const attached = await startReader(here, { body: { ...askForWhole, onDisconnect: "abort" } });
    const closing = here.relay.close();
    await sent.readToEnd();
    const reader = createReader();
    await reader.open(askFor(here, "stream"));
    await reader.readToEnd();
    expect(noticesOf(reader)).toEqual(["start", "reconnect"]);
    await reader.open(askFor(there, "stream"));
    expect(reader.streamId).toBe(sent.streamId);
    await gateway.release(lastId);
    await gateway.release(lastId);
    await Promise.all([reader.readToEnd(), attached.readToEnd(), closing]);
    expectWhole(reader);
  },
);

test("a stream that was started on a WebSocket is found by its conversation", async () => {
  await using under = await startRelay({ authenticate });
  using page = await openPage(under.url, { headers: ada });
  page.send({ op: "start", ref: "a", body: inConversation });
  await page.untilEnd("a");
  const [{ streamId } = {}] = page.framesOf("a");
  expect(await listOf(under)).toMatchObject([{ streamId, status: "ended", reason: "stop" }]);
});

test("no more than 100 are listed, and the newest one that runs is found behind them", async () => {
  await using under = await startRelay({ authenticate, emulator: { scenario: "stall" } });
  const start = async (body: object): Promise<string> => {
    const headers = { ...ada, ...respondAsync.headers };
    return JSON.parse((await replyTo(ask(under.streamUrl, body, { headers }))).text).streamId;
  };
  const first = await start({ ...question("Hello"), conversationId });
  for (let count = 0; count < 101; count += 1) {
    const streamId = await start({ ...question("Hello"), conversationId });
    const target = `${under.streamUrl}/${streamId}`;
    await replyTo(ask(target, undefined, { method: "DELETE", headers: ada }));
  }
  expect(await listOf(under)).toHaveLength(100);
  const reader = createReader();
  await reader.open(askFor(under, "stream"));
  expect(reader.streamId).toBe(first);
  reader.cut();
});
