import type { AuditSink } from "@gatestream/relay-audit";
import { openRedis } from "./connection/redis-connection.ts";

export interface RedisAuditOptions {
  /** `redis://host:6379` or `rediss://user:password@host:6379/0`. */
  readonly url: string;
  /** The key of the Redis Stream. @defaultValue `"gatestream:audit"` */
  readonly key?: string;
}

/**
 * Adds each record to a Redis Stream, as JSON in the field `record`. Nothing is removed from it: who reads
 * it does that, with `XTRIM` or `XDEL`. It has a connection of its own. A record may be there twice where
 * the answer of Redis was lost.
 *
 * @throws Error when `url` is no URL of a Redis server.
 */
export function redisAudit({ url, key = "gatestream:audit" }: RedisAuditOptions): AuditSink {
  const redis = openRedis(url);
  return {
    async write(records) {
      // The first may come before the connection.
      await redis.ping();
      await redis.run((client) => {
        const commands = client.multi();
        for (const record of records) {
          commands.xAdd(key, "*", { record: JSON.stringify(record) });
        }
        return commands.exec();
      });
    },
    close: () => redis.close(),
  };
}
