import type { Finding } from "@gatestream/relay";
import { connectionProblem } from "@gatestream/relay-providers";
import type { RedisConnection } from "@gatestream/relay-redis";

export async function checkRedis(url: string): Promise<Finding> {
  // Without what stands before the host: that is a password.
  const what = `Redis ${URL.canParse(url) ? new URL(url).host : ""}`.trimEnd();
  let connection: RedisConnection | undefined;
  try {
    const { openRedis } = await import("@gatestream/relay-redis");
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
  return isSystems ? connectionProblem(cause) : message.replace(/\.$/, "");
}
