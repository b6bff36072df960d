import { RelayError } from "../../errors.ts";

export interface KeepaliveLimits {
  /** Silence in the middle of an answer, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** The longest line, in bytes. */
  readonly maxLineBytes: number;
}

export type KeepaliveGuard = ReturnType<typeof createKeepaliveGuard>;

/** For how many idle timeouts blank lines and comments may keep an answer alive. */
const maxIdleTimeouts = 3;
/** The unfinished line itself, and as much again of blank lines and comments. */
const maxLines = 2;

/**
 * Bounds the time and the bytes between two payloads. Blank lines and comments count as activity,
 * because gateways send them while a model thinks, but neither for ever nor without a limit in
 * bytes: parsing them costs processor time.
 */
export function createKeepaliveGuard(
  { idleTimeoutMs, maxLineBytes }: KeepaliveLimits,
  now: () => number = () => performance.now(),
) {
  const limitMs = maxIdleTimeouts * idleTimeoutMs;
  let bytesWithoutPayload = 0;
  let sinceMs: number | undefined;
  return {
    /**
     * Takes what one chunk became.
     *
     * @throws RelayError `gateway_timeout` or `gateway_protocol_error` at the limits.
     */
    check(payloads: readonly string[], byteLength: number): void {
      if (payloads.some((payload) => payload.trim() !== "")) {
        bytesWithoutPayload = 0;
        sinceMs = undefined;
        return;
      }
      bytesWithoutPayload += byteLength;
      sinceMs ??= now();
      if (bytesWithoutPayload > maxLines * maxLineBytes) {
        throw new RelayError(
          "gateway_protocol_error",
          `The gateway sent more than ${maxLines * maxLineBytes} bytes of blank lines and comments in a row (twice maxLineBytes).`,
        );
      }
      if (now() - sinceMs > limitMs) {
        throw new RelayError(
          "gateway_timeout",
          `The gateway sent only blank lines and comments for ${limitMs} ms (three times idleTimeoutMs).`,
        );
      }
    },
  };
}
