import type { ServerResponse } from "node:http";

/** What the platform allows a client-credentials token, requests per minute. Told, not enforced. */
const allowedPerMinute = 300;
const windowMs = 60_000;
const names = {
  count: "inin-ratelimit-count",
  allowed: "inin-ratelimit-allowed",
  reset: "inin-ratelimit-reset",
};

export interface RateLimitHeaders {
  /** Counts a request and writes the three headers. */
  set(response: ServerResponse): void;
  forget(): void;
}

export function createRateLimitHeaders(now: () => number): RateLimitHeaders {
  let count = 0;
  let resetsAt = 0;

  return {
    set(response) {
      const time = now();
      if (count === 0 || time >= resetsAt) {
        count = 0;
        resetsAt = time + windowMs;
      }
      count += 1;
      response.setHeader(names.count, String(count));
      response.setHeader(names.allowed, String(allowedPerMinute));
      response.setHeader(names.reset, String(Math.ceil((resetsAt - time) / 1000)));
    },
    forget() {
      count = 0;
    },
  };
}

export function removeRateLimitHeaders(response: ServerResponse): void {
  for (const name of Object.values(names)) response.removeHeader(name);
}
