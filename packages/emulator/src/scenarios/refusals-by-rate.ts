import { rateLimited } from "../http/refusal.ts";
import { refuseFirst } from "./refusals.ts";
import type { Scenario, Turn } from "./scenario.ts";
import { playAnswer } from "./whole-answers.ts";

// The longest wait that any of these scenarios asks for.
const waitSeconds = 1;
const reason = "rate-limited";

const saidInSeconds = (turn: Turn): void => turn.refuse(rateLimited(waitSeconds));

export const rateLimitedSeconds: Scenario = {
  summary: "429 once with Retry-After in seconds, then an answer",
  play: refuseFirst(1, saidInSeconds),
};

export const rateLimitedAlways: Scenario = {
  summary: "429 always, with Retry-After in seconds",
  play: async (turn) => saidInSeconds(turn),
};

export const rateLimitedHalf: Scenario = {
  summary: "every second chat gets 429 with Retry-After in seconds, the others an answer",
  async play(turn) {
    if (turn.playedBefore % 2 === 1) return saidInSeconds(turn);
    await playAnswer(turn);
  },
};

export const rateLimitedDate: Scenario = {
  summary: "429 once with Retry-After as a date, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse({ reason, headers: { "Retry-After": httpDateAfter(Date.now()) } }),
  ),
};

/** An HTTP date has whole seconds: rounded up, so that the wait is 1 to 2 s and never less. */
function httpDateAfter(timeMs: number): string {
  const seconds = Math.ceil(timeMs / 1000) + waitSeconds;
  return new Date(seconds * 1000).toUTCString();
}

export const rateLimitedReset: Scenario = {
  summary: "429 once, the wait only in the rate-limit header for the reset, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse({ reason, headers: turn.rateLimit.resetHeader(waitSeconds) }),
  ),
};

export const rateLimitedMessage: Scenario = {
  summary: "429 once, the wait only in the message, then an answer",
  play: refuseFirst(1, (turn) =>
    turn.refuse(
      { reason, message: turn.rateLimit.waitMessage(waitSeconds) },
      { rateLimitHeaders: false },
    ),
  ),
};

export const rateLimitedBare: Scenario = {
  summary: "429 once without any hint how long to wait, then an answer",
  play: refuseFirst(1, (turn) => turn.refuse({ reason }, { rateLimitHeaders: false })),
};
