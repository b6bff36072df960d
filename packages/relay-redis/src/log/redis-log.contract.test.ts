import { afterAll, beforeAll, describe } from "vitest";
import { type RedisServer, startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { describeEventLog } from "../../../relay/src/log/event-log.contract.ts";
import { relayOnRedis } from "./testing/relay-on-redis.ts";

describe.skipIf(whyNoRedis)(`a log on Redis ${whyNoRedis ?? ""}`, () => {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  describeEventLog("that two relays share", async (limits) => {
    const url = server?.url ?? "";
    const [here, there] = await Promise.all([relayOnRedis(url, limits), relayOnRedis(url, limits)]);
    return { here: here.log, there: there.log };
  });
});
