import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorTable } from "@gatestream/protocol";
import { ask, question, responseTo, type AskOptions } from "@gatestream/testing/ask";
import { abandonedUrl, startHost, type Host } from "@gatestream/testing/host";
import { watchHandles } from "@gatestream/testing/open-handles";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay, type RelayUnderTest } from "@gatestream/testing/relay-under-test";
import { createPage } from "@gatestream/testing/socket-page";
import { eventually } from "@gatestream/testing/eventually";
import { untilReady } from "@gatestream/testing/two-relays";

const openHandles = watchHandles();
const unhandled: unknown[] = [];
const onUnhandled = (failure: unknown): void => void unhandled.push(failure);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", onUnhandled);
});
afterEach(() => void process.off("unhandledRejection", onUnhandled));

const detached = { ...question("Hello"), onDisconnect: "detach" };
const unknownStream = "A".repeat(22);

interface RouteRequest {
  readonly path: string;
  readonly body?: unknown;
  readonly options?: AskOptions;
}

const stream = "/api/llm/stream";
const requests: Readonly<Record<string, RouteRequest>> = {
  "POST attached": { path: stream, body: question("Hello") },
  "POST detached": { path: stream, body: detached },
  "POST detached with Idempotency-Key": {
    path: stream,
    body: detached,
    options: { headers: { "Idempotency-Key": "a-key-of-this-very-caller-0123456789" } },
  },
  "POST respond-async": {
    path: stream,
    body: question("Hello"),
    options: { headers: { Prefer: "respond-async" } },
  },
  "GET follow": { path: `${stream}/${unknownStream}`, options: { method: "GET" } },
  "GET follow with a cursor": {
    path: `${stream}/${unknownStream}?after=3`,
    options: { method: "GET" },
  },
  DELETE: { path: `${stream}/${unknownStream}`, options: { method: "DELETE" } },
  "POST cancel": { path: `${stream}/${unknownStream}/cancel` },
  healthz: { path: "/healthz", options: { method: "GET" } },
  readyz: { path: "/readyz", options: { method: "GET" } },
  metrics: { path: "/metrics", options: { method: "GET" } },
};

/** Every route answers: with success, or with a code of the table. */
async function askEveryRoute(url: string): Promise<void> {
  await Promise.all(
    Object.entries(requests).map(async ([name, { path, body, options }]) => {
      const response = await responseTo(ask(`${url}${path}`, body, options));
      const answer = await text(response);
      if ((response.statusCode ?? 0) < 400 || path === "/readyz") return;
      expect(Object.keys(errorTable), name).toContain(JSON.parse(answer).error.code);
    }),
  );
  await askEveryFrame(url);
}

/** A socket takes every frame, or is refused or closed. */
async function askEveryFrame(url: string): Promise<void> {
  using page = createPage(url);
  const { webSocket, closed } = page;
  const refused = once(webSocket, "unexpected-response").catch(() => {});
  if ((await Promise.race([once(webSocket, "open"), refused, closed])) === undefined) return;
  if (webSocket.readyState !== webSocket.OPEN) return;
  page.send({ op: "start", ref: "attached", body: question("Hello") });
  page.send({
    op: "start",
    ref: "detached",
    body: { ...question("Hello"), onDisconnect: "detach" },
    idempotencyKey: "a-key-of-this-very-caller-0123456789",
  });
  page.send({ op: "follow", ref: "follow", streamId: unknownStream });
  page.send({ op: "cancel", ref: "cancel", streamId: unknownStream });
  const ends = ["attached", "detached", "follow", "cancel"].map((ref) => page.untilEnd(ref));
  await Promise.race([Promise.all(ends), closed]);
  await Promise.allSettled(ends.map((end) => Promise.race([end, closed])));
}

test("the tests run with strict unhandled rejections", () => {
  expect(process.execArgv).toContain("--unhandled-rejections=strict");
});

/** A relay on a host's server: its routes still answer when it is closed. */
async function startHosted(options: Parameters<typeof startRelay>[0]) {
  const under = await startRelay({ orphanGraceMs: 1, firstByteGraceMs: 200, ...options });
  const host = await startHost(under.relay.handler);
  return { under, host };
}

/** Has something run, so that a stop takes its time. */
async function startSomething({ url }: RelayUnderTest) {
  const running = await responseTo(ask(`${url}${stream}`, question("/scenario stall")));
  running.on("error", () => {}).resume();
  return running;
}

async function expectNothingLeft(under: RelayUnderTest, host: Host): Promise<void> {
  await under.relay.close();
  // Whatever a refused start had armed would be due by now.
  await under.emulator.close();
  await host[Symbol.asyncDispose]();
  await eventually(async () => expect(await openHandles()).toEqual([]));
  expect(unhandled).toEqual([]);
}

describe.each(["off", "memory"] as const)("with resume %s", (resume) => {
  test("every route answers while the relay serves, drains and is closed, without an unhandled rejection", async () => {
    const { under, host } = await startHosted({ resume, shutdownGraceMs: 60_000 });
    await askEveryRoute(under.url);
    const running = await startSomething(under);
    const closed = under.relay.close();
    await askEveryRoute(under.url);
    await askEveryRoute(host.url);
    running.destroy();
    await closed;
    await askEveryRoute(host.url);
    await expectNothingLeft(under, host);
  });
});

describe.skipIf(whyNoRedis)(`with Redis ${whyNoRedis ?? ""}`, () => {
  test("every route answers before Redis was ever there, and after the stop", async () => {
    const redisUrl = (await abandonedUrl()).replace("http", "redis");
    const { under, host } = await startHosted({ resume: "redis", redisUrl });
    await askEveryRoute(under.url);
    await under.relay.close();
    await askEveryRoute(host.url);
    await expectNothingLeft(under, host);
  });

  test("every route answers while Redis is there, away and back, drains and is closed", async () => {
    await using redis = await startRedis();
    const { under, host } = await startHosted({
      resume: "redis",
      redisUrl: redis.url,
      shutdownGraceMs: 60_000,
    });
    await untilReady(under.url);
    await askEveryRoute(under.url);
    const running = await startSomething(under);
    const lost = under.untilObserved("redis_lost");
    await redis.kill();
    await lost;
    await askEveryRoute(under.url);
    await redis.restart();
    await untilReady(under.url);
    const closed = under.relay.close();
    await askEveryRoute(under.url);
    await redis.kill();
    await askEveryRoute(under.url);
    running.destroy();
    await closed;
    await askEveryRoute(host.url);
    await expectNothingLeft(under, host);
  });
});
