import { createHash, randomBytes } from "node:crypto";
import type { StreamRequest } from "@gatestream/protocol";
import type { Caller } from "../access/caller.ts";
import { RelayError } from "../errors.ts";

/** A caller's `Idempotency-Key` and the request that it stands for. */
export interface IdempotencyKey {
  /** Its name in the log: no caller comes to another's stream with it. */
  readonly name: string;
  /** The id of a new stream, which also identifies the request. */
  readonly streamId: string;
  /** Whether the stream that has the key answers the same request. */
  isForSameRequest(streamId: string): boolean;
}

/** 128 random bits as base64url. */
const randomChars = 22;
/** Shorter ones may be guessed, or chosen twice. */
const minAnonymousChars = 16;

/** 128 random bits: not to be guessed. */
export function newStreamId(): string {
  return randomBytes(16).toString("base64url");
}

/**
 * An address is shared by everybody behind it: where callers are anonymous the key is what proves
 * that it is the same one, so it has to be long.
 *
 * @throws RelayError `invalid_request` for a key that is too long or too short.
 */
export function readIdempotencyKey(
  { subject, isAnonymous = false }: Caller,
  key: string,
  { configurationId, messages }: StreamRequest,
): IdempotencyKey {
  const minChars = isAnonymous ? minAnonymousChars : 1;
  if (!/^[\x21-\x7E]{1,200}$/.test(key) || key.length < minChars) {
    throw new RelayError(
      "invalid_request",
      `Idempotency-Key must be ${minChars} to 200 visible ASCII characters.`,
    );
  }
  // The key is part of it: ids are logged, and a short request could be guessed from a bare digest.
  const digestFor = (random: string): string =>
    digest([subject, key, random, configurationId, messages]).slice(0, randomChars);
  const random = newStreamId();
  return {
    name: digest([subject, key]),
    streamId: random + digestFor(random),
    isForSameRequest(streamId) {
      const given = streamId.slice(randomChars);
      // A stream without it was started by another version of the relay.
      return given === "" || given === digestFor(streamId.slice(0, randomChars));
    },
  };
}

export function keyReused(): RelayError {
  return new RelayError(
    "idempotency_key_reused",
    "This Idempotency-Key was used for another request; use a new key.",
  );
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
