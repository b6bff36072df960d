import { createHash } from "node:crypto";

/** The names of everything that the log keeps in Redis. */
export interface Keys {
  /** The events of a stream: a Redis Stream. */
  log(streamId: string): string;
  /** What is known of a stream besides its events: a hash. */
  meta(streamId: string): string;
  /** The relays besides the writing one that have readers of the stream: a set. */
  readers(streamId: string): string;
  /** The stream that a caller's own key stands for. */
  claim(key: string): string;
  /** The ended streams of a caller, the first that ended first: a list. */
  kept(caller: string): string;
  /** There while a relay is alive. */
  lease(relayId: string): string;
  /** Messages to a relay from the others: a Redis Stream. */
  control(relayId: string): string;
  /** A random value that changes when Redis loses its data. */
  readonly epoch: string;
}

export function createKeys(prefix: string): Keys {
  return {
    log: (streamId) => `${prefix}:{${streamId}}:log`,
    meta: (streamId) => `${prefix}:{${streamId}}:meta`,
    readers: (streamId) => `${prefix}:{${streamId}}:readers`,
    // A caller's key may be long and private; so is an address: Redis gets only a hash.
    claim: (key) => `${prefix}:claim:${digest(key)}`,
    kept: (caller) => `${prefix}:kept:${digest(caller)}`,
    lease: (relayId) => `${prefix}:relay:{${relayId}}:lease`,
    control: (relayId) => `${prefix}:relay:{${relayId}}:control`,
    epoch: `${prefix}:epoch`,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
