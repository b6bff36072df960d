import { expect, test } from "vitest";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { openPage, refusedHandshake } from "@gatestream/testing/socket-page";

const rebound = { Host: "rebound.example:3000" };
const requests = [
  ["GET", "/metrics"],
  ["GET", "/healthz"],
  ["GET", "/api/llm/stream/x"],
  ["POST", "/api/llm/stream"],
] as const;

test.each(requests)("%s %s for another host is refused on loopback", async (method, path) => {
  await using under = await startRelay();
  const reply = await replyTo(ask(under.url + path, undefined, { method, headers: rebound }));
  expect([reply.status, refusalIn(reply).code]).toEqual([421, "forbidden"]);
});

test("a WebSocket for another host is refused on loopback", async () => {
  await using under = await startRelay();
  expect((await refusedHandshake(under.url, { headers: rebound })).status).toBe(421);
});

test.each([
  "localhost",
  "LOCALHOST:3000",
  "app.localhost",
  "127.0.0.1:3000",
  "127.1.2.3",
  "[::1]:3000",
])("%s is a loopback name", async (Host) => {
  await using under = await startRelay();
  const request = ask(`${under.url}/healthz`, undefined, { method: "GET", headers: { Host } });
  expect((await replyTo(request)).status).toBe(200);
});

test.each(["localhost.example", "127.0.0.1.example", "notlocalhost", "[::2]", "10.0.0.1"])(
  "%j is not a loopback name",
  async (Host) => {
    await using under = await startRelay();
    const request = ask(`${under.url}/healthz`, undefined, { method: "GET", headers: { Host } });
    expect((await replyTo(request)).status).toBe(421);
  },
);

const permitted: readonly (readonly [string, RelayUnderTestOptions])[] = [
  ["behind a trusted proxy", { trustedProxies: ["loopback"] }],
  ["with authentication", { authenticate: () => ({ subject: "ada" }) }],
];

test.each(permitted)("any host is served %s", async (_, options) => {
  await using under = await startRelay(options);
  const reply = await replyTo(ask(under.streamUrl, question("Hello"), { headers: rebound }));
  expect(reply.status).toBe(200);
  using page = await openPage(under.url, { headers: rebound });
  expect(page.webSocket.readyState).toBe(1);
});

test("a server that mounts the relay has its own host names", async () => {
  await using under = await startRelay();
  await using host = await startHost(under.relay.handler);
  const asking = ask(`${host.url}/api/llm/stream`, question("Hello"), { headers: rebound });
  expect((await replyTo(asking)).status).toBe(200);
});
