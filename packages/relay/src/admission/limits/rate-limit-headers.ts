/** What one limit allows: an item of `RateLimit-Policy`. */
export interface LimitPolicy {
  readonly name: "requests" | "lookups" | "streams" | "sockets" | "readers";
  /** How much is allowed. */
  readonly quota: number;
  /** What is counted. @defaultValue requests, those that come within `windowSeconds` */
  readonly unit?: "concurrent-requests";
  /** What a quota of requests lasts for, in seconds. */
  readonly windowSeconds?: number;
}

/** How much of a limit is left to somebody. */
export interface LimitState {
  readonly available: number;
  /** How long no more than that is left, in milliseconds; absent when nobody knows. */
  readonly windowMs?: number;
}

/**
 * A limit in the two header fields of draft-ietf-httpapi-ratelimit-headers-11, "RateLimit-Policy
 * Field" and "RateLimit Field". No partition key: it would tell the subject.
 */
export function rateLimitHeaders(policy: LimitPolicy, state: LimitState): Record<string, string> {
  const { name, quota, unit, windowSeconds } = policy;
  const { available, windowMs } = state;
  return {
    "RateLimit-Policy": item(name, { q: quota, qu: unit, w: windowSeconds }),
    RateLimit: item(name, {
      r: available,
      // Rounded as Retry-After is, which must not end sooner.
      t: windowMs === undefined ? undefined : Math.ceil(windowMs / 1000),
    }),
  };
}

type ItemParameters = Readonly<Record<string, string | number | undefined>>;

/** An item with parameters: RFC 9651, "Serializing Structured Fields". */
function item(name: string, parameters: ItemParameters): string {
  const present = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return [
    JSON.stringify(name),
    ...present.map(([key, value]) => `${key}=${JSON.stringify(value)}`),
  ].join(";");
}
