import { expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { startRelay, type RelayUnderTestOptions } from "@gatestream/testing/relay-under-test";
import { untilReady } from "@gatestream/testing/two-relays";

const levels = 5_000;
const nested = "[".repeat(levels) + "]".repeat(levels);

/** A gateway whose answers hold what `JSON.parse` reads and `JSON.stringify` cannot write. */
function startNestedGateway() {
  return startHost((request, response) => {
    if (request.url === "/oauth/token") {
      response.setHeader("content-type", "application/json");
      response.end('{"access_token":"t","expires_in":86400}');
      return;
    }
    response.write('{"content":"a"}\n');
    response.write(`{"type":"citation","nested":${nested}}\n`);
    response.end(`{"content":"b"}\n{"type":"stop","usage":{"nested":1}}\n`);
  });
}

async function expectWhole(options: RelayUnderTestOptions): Promise<void> {
  await using gateway = await startNestedGateway();
  const genesys = { loginUrl: gateway.url, apiUrl: gateway.url };
  await using under = await startRelay({ ...options, genesys });
  if (options.resume === "redis") await untilReady(under.url);
  const onDisconnect = options.resume === undefined ? "abort" : "detach";
  for (let count = 0; count < 2; count += 1) {
    const body = { ...question("Hello"), onDisconnect };
    const { status, text } = await replyTo(ask(under.streamUrl, body));
    expect(status).toBe(200);
    const events = parseStream(text).events.map(({ event }) => event);
    expect(events).toContainEqual({ type: "warning", code: "malformed_line" });
    expect(events.slice(-2)).toEqual([
      { type: "token", content: "b", index: 1 },
      { type: "stop", reason: "stop", usage: { raw: { nested: 1 } } },
    ]);
  }
}

test.each([[{}], [{ resume: "memory" as const }]])(
  "a line of the gateway that is nested too deep is skipped, and the relay goes on: %j",
  expectWhole,
);

test.skipIf(whyNoRedis)(
  `a line of the gateway that is nested too deep is skipped with Redis ${whyNoRedis ?? ""}`,
  async () => {
    await using redis = await startRedis();
    await expectWhole({ resume: "redis", redisUrl: redis.url });
  },
);
