import { expect, test } from "vitest";
import { createRelay } from "../../src/relay.ts";
import type { Provider } from "../../src/gateway/provider.ts";
import { ask, question } from "@gatestream/testing/ask";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader } from "@gatestream/testing/resuming-reader";
import { untilReady } from "@gatestream/testing/two-relays";

/** JSON.parse takes it, JSON.stringify does not. */
const nested: unknown = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);

const whereNested = {
  "the terminal event": { type: "stop", reason: "stop", usage: nested },
  "a token": { type: "token", content: "b", index: 0, extra: nested },
};

test.skipIf(whyNoRedis).each(Object.entries(whereNested))(
  `%s that cannot be written as JSON ends the stream with an error, on Redis ${whyNoRedis ?? ""}`,
  async (_, event) => {
    await using server = await startRedis();
    const provider: Provider = {
      name: "nested",
      async open() {
        return (async function* () {
          yield [{ type: "token", content: "a", index: 0 }];
          // What a provider in JavaScript may return.
          yield [event as never];
        })();
      },
      close: async () => {},
    };
    const relay = createRelay({ provider, port: 0, resume: "redis", redisUrl: server.url });
    try {
      const { url } = await relay.listen();
      await untilReady(url);
      const reader = createReader();
      const body = { ...question("hello"), onDisconnect: "detach" };
      await reader.open(ask(`${url}/api/llm/stream`, body));
      await reader.readToEnd();
      const events = reader.events.flatMap(({ id, event: read }) => (id ? [read] : []));
      expect(events).toEqual([
        { type: "token", content: "a", index: 0 },
        expect.objectContaining({ type: "error" }),
      ]);
      const late = createReader(reader.streamId);
      await late.comeBack(url);
      await late.readToEnd();
      expect(late.events.at(-1)).toEqual(reader.events.at(-1));
    } finally {
      await relay.close();
    }
  },
);
