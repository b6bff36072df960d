export { redisLog, type RedisLogOptions } from "./log/open-redis-log.ts";
export { redisAudit, type RedisAuditOptions } from "./redis-audit.ts";
// For the relay and the command alone: any release may change them.
export { openRedis, type RedisConnection } from "./connection/redis-connection.ts";
export { shareOverRedis } from "./log/open-redis-log.ts";
