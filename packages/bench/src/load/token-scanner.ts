import { stampLength, tokenMark } from "../gateway/answer.ts";

const markByte = tokenMark.charCodeAt(0);

/** How many tokens a piece of an answer has, whatever they are wrapped in. */
export function countTokens(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(markByte); at >= 0; at = piece.indexOf(markByte, at + 1)) count += 1;
  return count;
}

/**
 * Finds the time at which each token was sent, also when a piece ends in the middle of a token. A
 * timestamp that is split by a chunk border is reported as NaN.
 */
export function createStampScanner(onToken: (sentAtMs: number) => void) {
  let rest = "";
  return (piece: Buffer): void => {
    const text = rest + piece.toString("latin1");
    rest = "";
    for (let at = text.indexOf(tokenMark); at >= 0; at = text.indexOf(tokenMark, at + 1)) {
      if (at + 1 + stampLength > text.length) {
        rest = text.slice(at);
        return;
      }
      onToken(Number(text.slice(at + 1, at + 1 + stampLength)) / 1e3);
    }
  };
}
