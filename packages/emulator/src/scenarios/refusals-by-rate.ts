import type { Refusal } from "../http/refusal.ts";
import { refuseFirst } from "./refusals.ts";
import type { Scenario, Turn } from "./scenario.ts";

// The longest wait that any of these scenarios asks for.
const waitSeconds = 1;

function rateLimited(headers: Record<string, string> = {}, wait = ""): Refusal {
  const message = `Rate limit exceeded the maximum.${wait}`;
  return { status: 429, code: "too.many.requests", message, headers };
}

const saidInSeconds = (turn: Turn): void =>
  turn.refuse(rateLimited({ "Retry-After": String(waitSeconds) }));

export const rateLimitedSeconds: Scenario = {
  summary: "429 once with Retry-After in seconds, then an answer",
  play: refuseFirst(1, saidInSeconds),
};

export const rateLimitedAlways: Scenario = {
  summary: "429 always, with Retry-After in seconds",
  play: async (turn) => saidInSeconds(turn),
};

export const rateLimitedDate: Scenario = {
  summary: "429 once with Retry-After as a date, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse(rateLimited({ "Retry-After": httpDateAfter(Date.now()) })),
  ),
};

/** An HTTP date has whole seconds: rounded up, so that the wait is 1 to 2 s and never less. */
function httpDateAfter(timeMs: number): string {
  const seconds = Math.ceil(timeMs / 1000) + waitSeconds;
  return new Date(seconds * 1000).toUTCString();
}

export const rateLimitedReset: Scenario = {
  summary: "429 once, the wait only in inin-ratelimit-reset, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse(rateLimited({ "inin-ratelimit-reset": String(waitSeconds) })),
  ),
};

export const rateLimitedMessage: Scenario = {
  summary: "429 once, the wait only in the message, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse(rateLimited({}, ` Retry the request in [${waitSeconds}] seconds`), {
      rateLimitHeaders: false,
    }),
  ),
};

export const rateLimitedBare: Scenario = {
  summary: "429 once without any hint how long to wait, then an answer",
  play: refuseFirst(1, (turn) => turn.refuse(rateLimited(), { rateLimitHeaders: false })),
};
