import type { Turn } from "./scenario.ts";

interface SendOptions {
  /** The bytes for one token, when they are not those of the dialect. */
  readonly frame?: (content: string, index: number) => string;
  readonly from?: number;
  /** The index of the first token that is not sent any more. */
  readonly to?: number;
}

/** Sends the answer, or a part of it, token by token at the pace of the turn. */
export async function sendTokens(turn: Turn, options: SendOptions = {}): Promise<void> {
  const { frame = turn.pieces.token, from = 0, to = turn.tokens.length } = options;
  for (const [offset, token] of turn.tokens.slice(from, to).entries()) {
    await turn.nextTokenDue();
    await turn.write(frame(token, from + offset), token);
  }
}

/** Sends the end that follows a whole answer. */
export async function sendEnd(turn: Turn): Promise<void> {
  await turn.write(turn.pieces.end(turn.tokens.length));
}

export function middleOf(turn: Turn): number {
  return Math.floor(turn.tokens.length / 2);
}
