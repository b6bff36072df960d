import { line, sendTokens, stopLine, tokenLine } from "./lines.ts";
import type { Scenario, Turn } from "./scenario.ts";

export const everyByte: Scenario = {
  summary: "the answer written one byte at a time, through the middle of characters",
  async play(turn) {
    turn.begin();
    for (const [index, token] of turn.tokens.entries()) {
      await writeBytes(turn, tokenLine(token, index), token);
    }
    await writeBytes(turn, stopLine(turn.tokens.length));
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

// How three objects are glued together, in turns: without anything, and with spaces.
const objectsALine = 3;
const glues = ["", " ", "  "];

export const manyObjectsALine: Scenario = {
  summary: "three objects on a line, with spaces between them or nothing at all",
  async play(turn) {
    const { tokens } = turn;
    turn.begin();
    for (let from = 0; from < tokens.length; from += objectsALine) {
      const group = tokens.slice(from, from + objectsALine);
      for (let count = group.length; count > 0; count -= 1) await turn.nextTokenDue();
      const objects = group.map((token, offset) => tokenLine(token, from + offset).trimEnd());
      if (from + objectsALine >= tokens.length) objects.push(stopLine(tokens.length).trimEnd());
      const glue = glues[(from / objectsALine) % glues.length];
      await turn.write(`${objects.join(glue)}\n`, group.join(""));
    }
  },
};

const byteOrderMark = "\uFEFF";

export const crlfBom: Scenario = {
  summary: "a byte order mark first, lines ended by CRLF, blank lines between them",
  async play(turn) {
    turn.begin();
    await turn.write(byteOrderMark);
    await sendTokens(turn, {
      frame: (token, index) => `${tokenLine(token, index).trimEnd()}\r\n${blankAfter(index)}`,
    });
    await turn.write(`${stopLine(turn.tokens.length).trimEnd()}\r\n`);
  },
};

function blankAfter(index: number): string {
  return index % 5 === 4 ? "\r\n" : "";
}

export const noFinalNewline: Scenario = {
  summary: "the stop object is not followed by a newline",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(stopLine(turn.tokens.length).trimEnd());
  },
};

export const sse: Scenario = {
  summary: "the answer as text/event-stream instead of NDJSON",
  async play(turn) {
    turn.begin({ contentType: "text/event-stream" });
    await sendTokens(turn, { frame: (token, index) => `data: ${tokenLine(token, index)}\n` });
    await turn.write(`data: ${stopLine(turn.tokens.length)}\n`);
  },
};

export const delta: Scenario = {
  summary: "tokens as {delta}, without type and index",
  async play(turn) {
    turn.begin();
    await sendTokens(turn, { frame: (token) => line({ delta: token }) });
    await turn.write(line({ type: "stop", finishReason: "stop" }));
  },
};

export const done: Scenario = {
  summary: "ends with an event of type done instead of stop",
  async play(turn) {
    turn.begin();
    await sendTokens(turn);
    await turn.write(line({ type: "done", index: turn.tokens.length }));
  },
};
