/** The status of each reason to turn a request down; a dialect has the words. */
export const refusalStatuses = {
  "bad-request": 400,
  /** The configuration or the model that is asked for. */
  "unknown-target": 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "too-large": 413,
  "rate-limited": 429,
  failed: 500,
  unavailable: 503,
} as const;

export type RefusalReason = keyof typeof refusalStatuses;

/** A request turned down. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Said instead of the dialect's own words. */
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function rateLimited(waitSeconds: number): Refusal {
  return { reason: "rate-limited", headers: { "Retry-After": String(waitSeconds) } };
}
