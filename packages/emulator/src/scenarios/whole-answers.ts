import type { Scenario, Turn } from "./scenario.ts";
import { sendEnd, sendTokens } from "./send-tokens.ts";

export const answer: Scenario = {
  summary: "a few paragraphs of Markdown at a human pace, then stop",
  play: playAnswer,
};

export async function playAnswer(turn: Turn): Promise<void> {
  turn.begin();
  await sendTokens(turn);
  await sendEnd(turn);
}

export const length: Scenario = {
  summary: "the whole answer, but the reason why it ends is length",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(turn.pieces.end(turn.tokens.length, { reason: "length" }));
  },
};

const defaultTokenCount = 1000;
const maxTokenCount = 1_000_000;

export const manyTokens: Scenario = {
  summary: `short tokens as fast as possible: ${defaultTokenCount}, or the count in the message`,
  async play(turn) {
    const [given] = turn.argument.match(/^\d+/) ?? [];
    const count = Number(given ?? defaultTokenCount);
    if (count > maxTokenCount) {
      const message = `many-tokens (${given}) must be at most ${maxTokenCount}.`;
      return turn.refuse({ reason: "bad-request", message });
    }
    turn.begin();
    for (let index = 0; index < count; index += 1) {
      const token = `${index} `;
      await turn.write(turn.pieces.token(token, index), token);
    }
    await turn.write(turn.pieces.end(count));
  },
};

const bigTokenBytes = 200 * 1024;
// Sixteen bytes of UTF-8, some of them in pairs.
const bigTokenPiece = "streams, déjà ";

export const bigToken: Scenario = {
  summary: "a single token of 200 KiB, then stop",
  async play(turn) {
    const token = bigTokenPiece.repeat(bigTokenBytes / Buffer.byteLength(bigTokenPiece));
    turn.begin();
    await turn.write(turn.pieces.token(token, 0), token);
    await turn.write(turn.pieces.end(1));
  },
};
