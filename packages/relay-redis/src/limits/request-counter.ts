import type { RequestCounter } from "@gatestream/relay/parts";
import { defineScript, type RedisConnection, runScript } from "../connection/redis-connection.ts";

/** Counts; the first of a window says when it ends. With 0 it only asks. */
const countScript = defineScript(`
if ARGV[3] == '0' then
  return { tonumber(redis.call('GET', ARGV[1]) or 0), redis.call('PTTL', ARGV[1]) }
end
redis.call('SET', ARGV[1], 0, 'PX', ARGV[2], 'NX')
return { redis.call('INCRBY', ARGV[1], ARGV[3]), redis.call('PTTL', ARGV[1]) }
`);

/** Counts together with all relays on the same Redis. It rejects when Redis is away. */
export async function countShared(
  redis: RedisConnection,
  ...[{ kind, key, windowMs, add }]: Parameters<RequestCounter>
): ReturnType<RequestCounter> {
  const reply = await runScript(redis, countScript, [`gatestream:${kind}:${key}`, windowMs, add]);
  // What the script answers.
  const [count, leftMs] = reply as [number, number];
  return { count, leftMs };
}
