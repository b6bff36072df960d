import { connectionProblem } from "../../gateway/check/connection-problem.ts";
import type { Finding } from "../../gateway/provider.ts";
import { openRedis, type RedisConnection } from "../../redis/redis-connection.ts";

export async function checkRedis(url: string): Promise<Finding> {
  // Without what stands before the host: that is a password.
  const what = `Redis ${URL.canParse(url) ? new URL(url).host : ""}`.trimEnd();
  let connection: RedisConnection | undefined;
  try {
    connection = openRedis(url);
    await connection.ping();
    return { what, outcome: "ok", message: "answers" };
  } catch (failure) {
    const message = `${redisProblem(failure)}. GATESTREAM_REDIS_URL says where it is.`;
    return { what, outcome: "failed", message };
  } finally {
    await connection?.close();
  }
}

/** The system's own error, where there is one, says more than that Redis is away. */
function redisProblem(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  const { cause, message } = failure;
  const isSystems = cause instanceof Error && "code" in cause && typeof cause.code === "string";
  const isMissing = isSystems && cause.code === "ERR_MODULE_NOT_FOUND";
  return isSystems && !isMissing ? connectionProblem(cause) : message.replace(/\.$/, "");
}
