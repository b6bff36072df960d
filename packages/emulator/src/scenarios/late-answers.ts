import type { Scenario } from "./scenario.ts";
import { playAnswer } from "./whole-answers.ts";
import { sendTokens, stopLine } from "./lines.ts";

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
    await turn.write(stopLine(turn.tokens.length));
  },
};

export const silent: Scenario = {
  summary: "no headers, nothing, until the reader leaves",
  play: (turn) => turn.untilPeerLeaves(),
};
