import { describe, expect, test } from "vitest";
import { createRelay } from "../../src/index.ts";
import { eventually } from "@gatestream/testing/eventually";
import { watchHandles } from "@gatestream/testing/open-handles";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";

const openHandles = watchHandles();
const genesys = {
  clientId: "demo-client",
  clientSecret: "demo-secret",
  environment: "eu-central-1",
};

describe.skipIf(whyNoRedis)(`a relay on Redis ${whyNoRedis ?? ""}`, () => {
  test.each(["redis", "memory"] as const)(
    "with resume %s that is closed before the package is loaded leaves nothing open",
    async (resume) => {
      await using redis = await startRedis();
      const before = await openHandles();
      const relay = createRelay({ genesys, port: 0, resume, redisUrl: redis.url });
      await relay.close();
      await eventually(async () => expect(await openHandles()).toEqual(before));
    },
  );
});
