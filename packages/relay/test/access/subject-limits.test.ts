import type { RelayContext, UpgradeTransport } from "@gatestream/relay/parts";
import { webSocket as createTransport } from "@gatestream/relay-websocket";
import { assert, expect, test } from "vitest";
import { ask, question, refusalIn, replyTo, responseTo } from "@gatestream/testing/ask";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { openPage } from "@gatestream/testing/socket-page";

/** A caller is who its header says. */
const byHeader = {
  authenticate: ({ headers }: { headers: Record<string, unknown> }) => ({
    subject: String(headers["x-user"]),
  }),
};
const as = (user: string) => ({ headers: { "X-User": user } });

/** A relay whose limits the test can use up, as callers would. */
async function startCounted(options: RelayUnderTestOptions = {}) {
  const contexts: RelayContext[] = [];
  const transport = createTransport();
  const open: UpgradeTransport["open"] = (relay) => {
    contexts.push(relay);
    return transport.open(relay);
  };
  const relayOptions = { ...byHeader, resume: "memory", ...options } as const;
  const under = await startRelay({ ...relayOptions, transports: [{ ...transport, open }] });
  const [context] = contexts;
  assert(context !== undefined);
  return { under, limits: context.limits };
}

test("a subject opens 1000 WebSockets; one that is closed frees its slot", async () => {
  const { under: relay, limits } = await startCounted();
  await using under = relay;
  for (let count = 0; count < 998; count += 1) limits.enterSocket("ada");
  using first = await openPage(under.url, as("ada"));
  using second = await openPage(under.url, as("ada"));
  using third = await openPage(under.url, as("ada"));
  expect((await third.closed)[0]).toBe(1013);
  expect(third.frames).toMatchObject([{ type: "error", status: 429, code: "rate_limited" }]);
  using other = await openPage(under.url, as("bob"));
  first.webSocket.close();
  await first.closed;
  await under.untilObserved("socket_closed");
  using next = await openPage(under.url, as("ada"));
  next.send({ op: "start", ref: "a", body: question("/scenario many-tokens 2") });
  expect(await next.untilEnd("a")).toMatchObject({ type: "stop" });
  expect([second, other].map(({ webSocket }) => webSocket.readyState)).toEqual([1, 1]);
});

test("a subject follows 10000 streams at once", async () => {
  const { under: relay, limits } = await startCounted({ emulator: { scenario: "stall" } });
  await using under = relay;
  for (let count = 0; count < 9_998; count += 1) limits.enterReader("ada");
  const body = { ...question("Hello"), onDisconnect: "detach" };
  const started = await responseTo(ask(under.streamUrl, body, as("ada")));
  const target = `${under.streamUrl}/${String(started.headers["x-stream-id"])}`;
  const get = { method: "GET", ...as("ada") };
  const followed = await responseTo(ask(target, undefined, get));
  expect(followed.statusCode).toBe(200);
  const refused = await replyTo(ask(target, undefined, get));
  expect([refused.status, refusalIn(refused).code]).toEqual([429, "rate_limited"]);
  using page = await openPage(under.url, as("ada"));
  page.send({ op: "follow", ref: "a", streamId: String(started.headers["x-stream-id"]) });
  expect(await page.untilEnd("a")).toMatchObject({ status: 429, code: "rate_limited" });
  started.destroy();
  followed.destroy();
});

test("follow and cancel requests of a subject are counted together, also for unknown streams", async () => {
  const { under: relay, limits } = await startCounted();
  await using under = relay;
  for (let count = 0; count < 9_997; count += 1) await limits.countLookup("ada");
  const statuses = [];
  for (const method of ["GET", "DELETE", "GET", "GET", "DELETE"]) {
    const reply = await replyTo(ask(`${under.streamUrl}/x`, undefined, { method, ...as("ada") }));
    statuses.push(reply.status);
  }
  expect(statuses).toEqual([404, 404, 404, 429, 429]);
  using page = await openPage(under.url, as("ada"));
  page.send({ op: "follow", ref: "a", streamId: "x" });
  expect(await page.untilEnd("a")).toMatchObject({ status: 429 });
  const other = await replyTo(
    ask(`${under.streamUrl}/x`, undefined, { method: "GET", ...as("bob") }),
  );
  expect(other.status).toBe(404);
  expect((await replyTo(ask(under.streamUrl, question("Hello"), as("ada")))).status).toBe(200);
});

test("requests for the streams of a conversation are counted with them", async () => {
  const { under: relay, limits } = await startCounted();
  await using under = relay;
  for (let count = 0; count < 9_997; count += 1) await limits.countLookup("ada");
  const statuses = [];
  for (const [method, what] of [
    ["GET", "streams"],
    ["GET", "stream"],
    ["DELETE", "stream"],
    ["GET", "streams"],
  ] as const) {
    const target = `${under.url}/api/llm/conversations/case:1/${what}`;
    statuses.push((await replyTo(ask(target, undefined, { method, ...as("ada") }))).status);
  }
  expect(statuses).toEqual([200, 204, 204, 429]);
});
