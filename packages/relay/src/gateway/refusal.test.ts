import { expect, test } from "vitest";
import { readText } from "./refusal.ts";
import { pieces, responseOf } from "./testing/upstream-responses.ts";

const timeoutMs = 20_000;
const maxBytes = 64 * 1024;

test("the pieces of a body are one text, whatever characters they cut", async () => {
  const bytes = Buffer.from("é€👍");
  async function* body() {
    for (const byte of bytes) yield [Uint8Array.of(byte)];
  }
  await expect(readText(responseOf(body()), timeoutMs)).resolves.toBe("é€👍");
  await expect(readText(responseOf(pieces(["a", "b"], "c")), timeoutMs)).resolves.toBe("abc");
  await expect(readText(responseOf(pieces()), timeoutMs)).resolves.toBe("");
});

test("no more than the bound is kept, and a body beyond it is left", async () => {
  let isLeft = false;
  async function* endless() {
    try {
      for (;;) yield* pieces("1234");
    } finally {
      isLeft = true;
    }
  }
  const text = await readText(responseOf(endless()), timeoutMs);
  expect(text).toBe("1234".repeat(maxBytes / 4));
  await new Promise(setImmediate);
  expect(isLeft).toBe(true);
  const exact = "x".repeat(maxBytes);
  await expect(readText(responseOf(pieces(exact)), timeoutMs)).resolves.toBe(exact);
});

test("a body that says nothing more is left in time, with what it has said", async () => {
  let onLeave: (() => void) | undefined;
  const body: AsyncIterable<readonly Uint8Array[]> = {
    [Symbol.asyncIterator]() {
      const chunks = [Buffer.from("half")];
      return {
        next: () =>
          new Promise((resolve) => {
            const chunk = chunks.shift();
            if (chunk === undefined) onLeave = () => resolve({ done: true, value: undefined });
            else resolve({ done: false, value: [chunk] });
          }),
        async return() {
          onLeave?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
  await expect(readText(responseOf(body), 20)).resolves.toBe("half");
});
