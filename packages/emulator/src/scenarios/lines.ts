import type { Turn } from "./scenario.ts";

export function line(event: object): string {
  return `${JSON.stringify(event)}\n`;
}

export function tokenLine(content: string, index: number): string {
  return line({ type: "token", content, index });
}

export function stopLine(index: number): string {
  return line({ type: "stop", index, finishReason: "stop" });
}

interface SendOptions {
  /** The bytes for one token. */
  readonly frame?: (content: string, index: number) => string;
  readonly from?: number;
  /** The index of the first token that is not sent any more. */
  readonly to?: number;
}

/** Sends the answer, or a part of it, token by token at the pace of the turn. */
export async function sendTokens(turn: Turn, options: SendOptions = {}): Promise<void> {
  const { frame = tokenLine, from = 0, to = turn.tokens.length } = options;
  for (const [offset, token] of turn.tokens.slice(from, to).entries()) {
    await turn.nextTokenDue();
    await turn.write(frame(token, from + offset), token);
  }
}

export function middleOf(turn: Turn): number {
  return Math.floor(turn.tokens.length / 2);
}
