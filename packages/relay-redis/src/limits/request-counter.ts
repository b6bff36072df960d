import type { RequestCounter } from "@gatestream/relay/parts";
import { defineScript, type RedisConnection, runScript } from "../connection/redis-connection.ts";

/** Counts one request; the first one of a window says when it ends. */
const countScript = defineScript(`
redis.call('SET', ARGV[1], 0, 'PX', ARGV[2], 'NX')
return { redis.call('INCR', ARGV[1]), redis.call('PTTL', ARGV[1]) }
`);

/** Counts a request together with all relays on the same Redis. It rejects when Redis is away. */
export async function countShared(
  redis: RedisConnection,
  ...[key, windowMs]: Parameters<RequestCounter>
): ReturnType<RequestCounter> {
  const reply = await runScript(redis, countScript, [`gatestream:requests:${key}`, windowMs]);
  // What the script answers.
  const [count, leftMs] = reply as [number, number];
  return { count, leftMs };
}
