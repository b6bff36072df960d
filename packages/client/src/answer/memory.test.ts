import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createClient } from "../create-client.ts";
import { anyRequest } from "../testing/client-of.ts";
import { createHandMadeRelay, sends } from "../testing/hand-made-relay.ts";
import { numberedText, start, stop, token } from "../testing/sse-text.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is held now, in bytes, once everything was collected that can be. */
async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

const tokens = Array.from({ length: 20 }, (_, index) => token(`word ${index} `, index));
const whole = sends(numberedText(1, start, ...tokens, stop));
const broken = sends(numberedText(1, start, ...tokens), "cut");
const endless = sends(numberedText(1, start, ...tokens), "hang");

test(
  "ten thousand streams on one page leave nothing behind, however they end",
  { timeout: 120_000 },
  async () => {
    const { signal } = new AbortController();
    const endings = [whole, broken, endless];

    async function stream(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) {
        const relay = createHandMadeRelay(endings[index % 3] ?? whole);
        const client = createClient({ url: "/", fetch: relay.fetch });
        const answer = client.stream(anyRequest, {
          signal,
          onToken: () => index % 3 === 2 && answer.cancel(),
        });
        answer.subscribe(() => {});
        await answer.result().catch(() => {});
      }
    }

    await stream(1000);
    const before = await heldBytes();
    await stream(10_000);
    const grownBytes = (await heldBytes()) - before;
    // Less than 300 bytes a stream, with what the test's own process keeps; a stream that is kept
    // takes several thousand.
    expect(grownBytes).toBeLessThan(3_000_000);
  },
);

test("an answer that a page keeps does not keep each of its tokens, or pieces of reasoning", async () => {
  const count = 20_000;
  const body = numberedText(
    1,
    start,
    ...Array.from({ length: count }, (_, index) => token(`${index} `, index)),
    ...Array.from({ length: count }, (_, index) => ({
      type: "reasoning" as const,
      content: `${index} `,
    })),
    stop,
  );
  const { fetch } = createHandMadeRelay(sends(body));
  const before = await heldBytes();
  const stream = createClient({ url: "/", fetch }).stream(anyRequest);
  const { text } = await stream.result();
  // As a page does that shows it.
  expect(text.split(" ")).toHaveLength(count + 1);
  const keptBytes = (await heldBytes()) - before;
  expect(stream.text).toBe(text);
  expect(keptBytes).toBeLessThan(2 * count * 50);
});
