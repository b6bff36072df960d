import type { Scenario, Turn } from "./scenario.ts";
import { middleOf, sendEnd, sendTokens } from "./send-tokens.ts";
import { playAnswer } from "./whole-answers.ts";

const thoughts = ["They ask a question. ", "I should be ", "brief."];

export const reasoning: Scenario = {
  summary: "what the model thinks, in three pieces, then the answer",
  async play(turn) {
    turn.begin();
    for (const thought of thoughts) {
      await turn.nextTokenDue();
      await turn.write(turn.pieces.reasoning(thought));
    }
    await sendTokens(turn);
    await sendEnd(turn);
  },
};

const calls = [
  { callId: "call_1", name: "find_order", argumentPieces: ['{"id":', " 47", "11}"] },
  { callId: "call_2", name: "find_customer", argumentPieces: ['{"name": "Ada"}'] },
];

const tokensBeforeCalls = 3;

export const toolCall: Scenario = {
  summary: "a few words and two calls of tools; once their results are sent, an answer",
  async play(turn) {
    if (turn.hasToolResult) return playAnswer(turn);
    turn.begin();
    await sendTokens(turn, { to: tokensBeforeCalls });
    for (const call of calls) {
      for (const piece of turn.pieces.toolCall(call)) {
        await turn.nextTokenDue();
        await turn.write(piece);
      }
    }
    await turn.write(turn.pieces.end(tokensBeforeCalls, { reason: "tool_calls" }));
  },
};

export const sources: Scenario = {
  summary: "the answer, with two sources that it is based on",
  async play(turn) {
    const middle = middleOf(turn);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await sendSource(turn, "Opening hours", "https://example.com/hours");
    await sendTokens(turn, { from: middle });
    await sendSource(turn, "Contact", "https://example.com/contact");
    await sendEnd(turn);
  },
};

async function sendSource(turn: Turn, title: string, url: string): Promise<void> {
  await turn.write(turn.pieces.source({ url, title }));
}

/** One pixel. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const file: Scenario = {
  dialects: ["genesys", "openai", "openai-responses"],
  summary: "the answer, then an image",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(turn.pieces.file?.({ mediaType: "image/png", data: png }) ?? "");
    await sendEnd(turn);
  },
};

export const usage: Scenario = {
  summary: "the answer, and at its end what it cost",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(turn.pieces.end(turn.tokens.length, { withUsage: true }));
  },
};
