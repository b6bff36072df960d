import { expect, test } from "vitest";
import { stamp } from "../upstream/plan.ts";
import { countTokens, createStampScanner } from "./token-scanner.ts";

const text = `data: {"content":" w~${stamp(12)}"}\n\ndata: {"content":" w~${stamp(345)}"}\n\n`;

test("every token of a piece is counted once", () => {
  expect(countTokens(Buffer.from(text))).toBe(2);
  expect(countTokens(Buffer.from("~~ ~"))).toBe(3);
  expect(countTokens(Buffer.alloc(0))).toBe(0);
});

test("times of sending are found wherever the text is split", () => {
  for (let at = 0; at <= text.length; at += 1) {
    const found: number[] = [];
    const scan = createStampScanner((sentAt) => found.push(sentAt));
    scan(Buffer.from(text.slice(0, at)));
    scan(Buffer.from(text.slice(at)));
    expect(found, `split at ${at}`).toEqual([12, 345]);
  }
});

test("a timestamp split by a chunk border is reported as NaN", () => {
  const found: number[] = [];
  createStampScanner((sentAt) => found.push(sentAt))(Buffer.from('~00000\r\n1f\r\n00000000012"'));
  expect(found).toEqual([Number.NaN]);
});
