import type { Scenario } from "./scenario.ts";
import { middleOf, sendEnd, sendTokens } from "./send-tokens.ts";

export const noStop: Scenario = {
  summary: "ends cleanly after the last token, without stop",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
  },
};

export const cut: Scenario = {
  summary: "the connection is destroyed in the middle of the answer and of a line",
  async play(turn) {
    const middle = middleOf(turn);
    turn.begin();
    await sendTokens(turn, { to: middle });
    const nextPiece = turn.pieces.token(turn.tokens[middle] ?? "", middle);
    await turn.write(nextPiece.slice(0, nextPiece.length / 2));
    await turn.cut();
  },
};

export const errorInMiddle: Scenario = {
  summary: "an error in the middle of the answer, then the end",
  async play(turn) {
    turn.begin();
    await sendTokens(turn, { to: middleOf(turn) });
    await turn.write(turn.pieces.error());
  },
};

const stallAfterTokens = 8;

export const stall: Scenario = {
  summary: `${stallAfterTokens} tokens, then silence until the reader leaves`,
  async play(turn) {
    turn.begin();
    await sendTokens(turn, { to: stallAfterTokens });
    await turn.untilPeerLeaves();
  },
};

export const malformedLine: Scenario = {
  summary: "one line in the middle that is not JSON; the answer is complete around it",
  async play(turn) {
    const middle = middleOf(turn);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await turn.write(turn.pieces.malformed);
    await sendTokens(turn, { from: middle });
    await sendEnd(turn);
  },
};
