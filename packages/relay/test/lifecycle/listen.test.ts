import { once } from "node:events";
import { connect } from "node:net";
import { createEmulator } from "@gatestream/emulator";
import { expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import { ask, question, replyTo, responseTo } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

const genesys = { clientId: "a", clientSecret: "b", environment: "mypurecloud.de" };

test("listen returns the address: the port that was free, and a URL without the base path", async () => {
  const relay = createRelay({ port: 0, genesys });
  const { url, port } = await relay.listen();
  expect(port).toBeGreaterThan(0);
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect((await replyTo(ask(url, {}))).status).toBe(404);
  await relay.close();
});

test("a port that is taken is the system's error", async () => {
  await using under = await startRelay();
  const second = createRelay({ port: Number(new URL(under.url).port), genesys });
  await expect(second.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
  await second.close();
});

test.each([
  [{}, "timeout=75"],
  [{ keepAliveTimeoutMs: 120_000 }, "timeout=120"],
])(
  "a kept-alive connection outlives a load balancer's idle time: %j",
  async (options, reported) => {
    await using under = await startRelay(options);
    const headers = { Connection: "keep-alive" };
    const reply = await replyTo(ask(`${under.url}/nowhere`, {}, { headers }));
    expect(reply.headers["keep-alive"]).toBe(reported);
  },
);

test("maxConnections bounds what is open at once", async () => {
  await using under = await startRelay({ maxConnections: 1, emulator: { scenario: "stall" } });
  const response = await responseTo(ask(under.streamUrl, question("Hello")));
  const second = connect(Number(new URL(under.url).port), "127.0.0.1");
  second.resume();
  await once(second, "close");
  response.destroy();
});

test("no other origin may read what the relay says: nothing allows it", async () => {
  await using under = await startRelay();
  const headers = { Origin: "https://elsewhere.example" };
  for (const path of ["/api/llm/stream", "/nowhere"]) {
    const reply = await replyTo(
      ask(under.url + path, question("/scenario many-tokens 1"), { headers }),
    );
    expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual(
      [],
    );
  }
});

test("a relay that was closed does not listen again", async () => {
  const relay = createRelay({ port: 0, genesys });
  await relay.close();
  await expect(relay.listen()).rejects.toThrow("closed");
});

test("a failing observer causes a warning, and the stream continues", async () => {
  const warned = once(process, "warning");
  await using under = await startRelay({
    observer() {
      throw new Error("the log is full");
    },
  });
  const reply = await replyTo(ask(under.streamUrl, question("Hello")));
  expect(reply.text).toContain('"type":"stop"');
  expect(String(await warned)).toContain("the log is full");
});

test("a failing asynchronous observer causes a warning too", async () => {
  const warned = once(process, "warning");
  const relay = createRelay({
    port: 0,
    genesys,
    async observer() {
      throw new Error("the collector is away");
    },
  });
  const { url } = await relay.listen();
  await replyTo(ask(`${url}/nowhere`, {}));
  expect(String(await warned)).toContain("the collector is away");
  await relay.close();
});

test("a relay without an observer warns of problems that only its operator can fix", async () => {
  const warned = once(process, "warning");
  const emulator = createEmulator();
  const { url: gateway } = await emulator.listen();
  const relay = createRelay({
    port: 0,
    genesys: { clientId: "demo-client", clientSecret: "wrong", loginUrl: gateway, apiUrl: gateway },
  });
  const { url } = await relay.listen();
  expect((await replyTo(ask(`${url}/api/llm/stream`, question("Hello")))).status).toBe(502);
  expect(String(await warned)).toContain("refused the relay's credentials");
  await relay.close();
  await emulator.close();
});
