import type { Scenario, Turn } from "./scenario.ts";
import { middleOf, sendTokens } from "./send-tokens.ts";

export const everyByte: Scenario = {
  summary: "the answer written one byte at a time, through the middle of characters",
  async play(turn) {
    const { tokens, pieces } = turn;
    turn.begin();
    for (const [index, token] of tokens.entries()) {
      await writeBytes(turn, pieces.token(token, index), token);
    }
    await writeBytes(turn, pieces.end(tokens.length));
  },
};

async function writeBytes(turn: Turn, text: string, sentText?: string): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1) {
    const isLast = at === bytes.length - 1;
    await turn.write(bytes.subarray(at, at + 1), isLast ? sentText : undefined);
    await turn.nextLoopTurn();
  }
}

const byteOrderMark = "\uFEFF";
const fillAfterTokens = 5;

export const crlfBom: Scenario = {
  summary: "a byte order mark first, lines ended by CRLF, blank lines or comments between them",
  async play(turn) {
    const { tokens, pieces } = turn;
    turn.begin();
    await turn.write(byteOrderMark);
    await sendTokens(turn, {
      frame(token, index) {
        const filler = index % fillAfterTokens === fillAfterTokens - 1 ? pieces.filler : "";
        return withCrlf(pieces.token(token, index) + filler);
      },
    });
    await turn.write(withCrlf(pieces.end(tokens.length)));
  },
};

/** JSON escapes the line ends of the text: only those between lines are found. */
function withCrlf(piece: string): string {
  return piece.replaceAll("\n", "\r\n");
}

export const noFinalNewline: Scenario = {
  summary: "the last line of the answer is not followed by a newline",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(turn.pieces.end(turn.tokens.length).trimEnd());
  },
};

const hugeTokenBytes = 2 * 1024 * 1024;

export const hugeLine: Scenario = {
  summary: "one line of 2 MiB in the middle of the answer",
  async play(turn) {
    const { tokens, pieces } = turn;
    const middle = middleOf(turn);
    const huge = "a line without an end ".repeat(hugeTokenBytes / 22);
    turn.begin();
    await sendTokens(turn, { to: middle });
    await turn.write(pieces.token(huge, middle), huge);
    await sendTokens(turn, {
      from: middle,
      frame: (token, index) => pieces.token(token, index + 1),
    });
    await turn.write(pieces.end(tokens.length + 1));
  },
};
