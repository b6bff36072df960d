import type { Scenario } from "./scenario.ts";
import { sendEnd, sendTokens } from "./send-tokens.ts";
import { playAnswer } from "./whole-answers.ts";

export const slowHeaders: Scenario = {
  summary: "nothing for slowFirstTokenMs, not even headers, then an answer",
  async play(turn) {
    await turn.wait(turn.slowFirstTokenMs);
    await playAnswer(turn);
  },
};

export const slowFirstToken: Scenario = {
  summary: "headers at once, the first token after slowFirstTokenMs",
  async play(turn) {
    turn.begin();
    await turn.wait(turn.slowFirstTokenMs);
    await sendTokens(turn);
    await sendEnd(turn);
  },
};

export const silent: Scenario = {
  summary: "no headers, nothing, until the reader leaves",
  play: (turn) => turn.untilPeerLeaves(),
};
