import { createHash } from "node:crypto";
import type { RedisConnection } from "./redis-connection.ts";

/** A program that Redis runs as one step. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export interface ScriptInput {
  readonly keys: readonly string[];
  readonly arguments: readonly (string | number)[];
}

export function defineScript(source: string): Script {
  return { source, sha1: createHash("sha1").update(source).digest("hex") };
}

/** Runs a script, which is sent whole only when Redis does not know it: the first time, or after a restart. */
export function runScript(
  redis: RedisConnection,
  { source, sha1 }: Script,
  input: ScriptInput,
): Promise<unknown> {
  const options = { keys: [...input.keys], arguments: input.arguments.map(String) };
  return redis.run(async (client): Promise<unknown> => {
    try {
      return await client.evalSha(sha1, options);
    } catch (failure) {
      if (!(failure instanceof Error && failure.message.startsWith("NOSCRIPT"))) throw failure;
      return client.eval(source, options);
    }
  });
}
