import type { Refusal } from "../http/refusal.ts";
import type { Scenario, Turn } from "./scenario.ts";
import { playAnswer } from "./whole-answers.ts";

export const unauthorized: Refusal = {
  status: 401,
  code: "bad.credentials",
  message: "Invalid login credentials.",
};

const unavailable: Refusal = {
  status: 503,
  code: "service.unavailable",
  message: "The service is temporarily unavailable.",
};

/** Refuses the first `times` chats, answers the next one, and begins again. */
export function refuseFirst(times: number, refuse: (turn: Turn) => void): Scenario["play"] {
  return async (turn) => {
    if (turn.refusedBefore < times) return refuse(turn);
    await playAnswer(turn);
  };
}

export const unauthorizedOnce: Scenario = {
  summary: "401 once, then an answer",
  play: refuseFirst(1, (turn) => turn.refuse(unauthorized)),
};

export const unauthorizedAlways: Scenario = {
  summary: "401 always",
  play: async (turn) => turn.refuse(unauthorized),
};

export const unavailableTwice: Scenario = {
  summary: "503 twice, then an answer",
  play: refuseFirst(2, (turn) => turn.refuse(unavailable)),
};

export const unavailableAlways: Scenario = {
  summary: "503 always",
  play: async (turn) => turn.refuse(unavailable),
};

export const badRequest: Scenario = {
  summary: "400: the configuration is not known",
  play: async (turn) =>
    turn.refuse({ status: 400, code: "bad.request", message: "configurationId is not known" }),
};

export const forbidden: Scenario = {
  summary: "403: the client misses a permission",
  play: async (turn) =>
    turn.refuse({
      status: 403,
      code: "missing.any.permissions",
      message:
        "Unable to perform the requested action. You are missing the following permission: ai:llm:use",
    }),
};

export const tokenEndpointDown: Scenario = {
  summary: "the token endpoint answers 503; cannot be chosen by a message",
  tokenEndpoint: "down",
  play: playAnswer,
};
