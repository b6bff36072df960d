import { line, middleOf, sendTokens, stopLine, tokenLine } from "./lines.ts";
import type { Scenario } from "./scenario.ts";

const hugeTokenBytes = 2 * 1024 * 1024;

export const hugeLine: Scenario = {
  summary: "one line of 2 MiB in the middle of the answer",
  async play(turn) {
    const middle = middleOf(turn);
    const huge = "a line without an end ".repeat(hugeTokenBytes / 22);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await turn.write(tokenLine(huge, middle), huge);
    await sendTokens(turn, {
      from: middle,
      frame: (token, index) => tokenLine(token, index + 1),
    });
    await turn.write(stopLine(turn.tokens.length + 1));
  },
};

export const unknownType: Scenario = {
  summary: "an event of an unknown type, and a token with unknown fields",
  async play(turn) {
    const middle = middleOf(turn);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await turn.write(
      line({ type: "citation", content: "Opening hours", url: "https://example.com/hours" }),
    );
    await sendTokens(turn, {
      from: middle,
      to: middle + 1,
      frame: (content, index) =>
        line({ type: "token", content, index, logprob: -0.25, model: { name: "emulated" } }),
    });
    await sendTokens(turn, { from: middle + 1 });
    await turn.write(stopLine(turn.tokens.length));
  },
};
