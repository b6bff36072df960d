import type { Scenario, Turn } from "./scenario.ts";
import { playAnswer } from "./whole-answers.ts";

/** Refuses the first `times` chats, answers the next one, and begins again. */
export function refuseFirst(times: number, refuse: (turn: Turn) => void): Scenario["play"] {
  return async (turn) => {
    if (turn.playedBefore % (times + 1) < times) return refuse(turn);
    await playAnswer(turn);
  };
}

export const unauthorizedOnce: Scenario = {
  summary: "401 once, then an answer",
  play: refuseFirst(1, (turn) => turn.refuse({ reason: "unauthorized" })),
};

export const unauthorizedAlways: Scenario = {
  summary: "401 always",
  play: async (turn) => turn.refuse({ reason: "unauthorized" }),
};

export const unavailableTwice: Scenario = {
  summary: "503 twice, then an answer",
  play: refuseFirst(2, (turn) => turn.refuse({ reason: "unavailable" })),
};

export const unavailableAlways: Scenario = {
  summary: "503 always",
  play: async (turn) => turn.refuse({ reason: "unavailable" }),
};

export const badRequest: Scenario = {
  summary: "400: the configuration or model is not known",
  play: async (turn) => turn.refuse({ reason: "unknown-target" }),
};

export const badRequestEcho: Scenario = {
  summary: "400 whose message repeats the question and the credentials",
  async play({ argument, credential, refuse }) {
    const message = `Not valid: content ${argument}, Authorization: ${credential}`;
    refuse({ reason: "bad-request", message });
  },
};

export const forbidden: Scenario = {
  summary: "403: the client misses a permission",
  play: async (turn) => turn.refuse({ reason: "forbidden" }),
};
