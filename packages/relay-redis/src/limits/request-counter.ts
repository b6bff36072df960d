import type { RequestCounter } from "@gatestream/relay/parts";
import type { RedisConnection } from "../connection/redis-connection.ts";
import { defineScript, runScript } from "../connection/run-script.ts";

/** Counts one request; the first one of a window says when it ends. Keys: the counter. */
const countScript = defineScript(`
redis.call('SET', KEYS[1], 0, 'PX', ARGV[1], 'NX')
return { redis.call('INCR', KEYS[1]), redis.call('PTTL', KEYS[1]) }
`);

/** Counts a request together with all relays on the same Redis. It rejects when Redis is away. */
export async function countShared(
  redis: RedisConnection,
  ...[key, windowMs]: Parameters<RequestCounter>
): ReturnType<RequestCounter> {
  const reply = await runScript(redis, countScript, {
    keys: [`gatestream:requests:${key}`],
    arguments: [windowMs],
  });
  // What the script answers.
  const [count, leftMs] = reply as [number, number];
  return { count, leftMs };
}
