import { createGunzip } from "node:zlib";

import { expect, test } from "vitest";

import type { DialectName } from "../dialects/dialect.ts";
import { levelled, plainCompletion } from "../testing/completions.ts";
import { startGateway } from "../testing/gateway.ts";
import { plainAnswer, question } from "../testing/played.ts";
import { createTestClock } from "../testing/test-clock.ts";

async function collected(pieces: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

test.each<DialectName>(["genesys", "openai"])(
  "gzip at the endpoint %s: the plain answer compressed for a reader that never asked",
  async (dialect) => {
    await using gateway = await startGateway();
    const plain =
      dialect === "genesys"
        ? `${(await plainAnswer(gateway)).lines.join("\n")}\n`
        : (await plainCompletion(gateway)).events.join("");
    const response = await gateway.rawChat(`/scenario gzip ${question}`, dialect);
    expect(response.headers["content-encoding"]).toBe("gzip");
    const call = gateway.emulator.calls.at(-1);
    expect(call?.headers["accept-encoding"]).toBeUndefined();
    expect(levelled(await collected(response.pipe(createGunzip())))).toBe(plain);
  },
);

test("gzip: every token can be decompressed before the next one is sent", async () => {
  const sentTokens = 5;
  const clock = createTestClock({ freezeAfter: sentTokens });
  await using gateway = await startGateway({ tokensPerSecond: 10, clock });
  const response = await gateway.rawChat(`/scenario gzip ${question}`);
  let lines = 0;
  // With the clock frozen nothing follows: what is not flushed would never be read.
  for await (const piece of response.pipe(createGunzip()) as AsyncIterable<Buffer>) {
    lines += piece.toString().split("\n").length - 1;
    if (lines === sentTokens) break;
  }
  response.destroy();
  const call = await gateway.emulator.waitFor(({ state }) => state === "aborted");
  expect(call).toMatchObject({ scenario: "gzip", status: 200 });
});
