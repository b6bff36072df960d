import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { LineDecoder } from "./lines.ts";
import { SseDecoder } from "./sse.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const mebibyte = 1_048_576;

test.each([
  ["lines", LineDecoder, ""],
  ["events", SseDecoder, "data: "],
] as const)(
  "an unfinished line that arrives byte by byte holds a few times its length: %s",
  (_, Decoder, start) => {
    const decoder = new Decoder(mebibyte);
    const before = heldBytes();
    decoder.push(Buffer.from(start));
    for (let count = start.length; count < mebibyte; count += 1) decoder.push(Buffer.from("x"));
    expect(heldBytes() - before).toBeLessThan(8 * mebibyte);
    expect(decoder.end().join("")).toBe("x".repeat(mebibyte - start.length));
  },
);

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
