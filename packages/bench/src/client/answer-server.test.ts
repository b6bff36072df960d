import { expect, onTestFinished, test } from "vitest";
import { startAnswerServer } from "./answer-server.ts";

/** Tokens a second. */
const pace = 1_000;

async function ask(tokens: number) {
  const server = await startAnswerServer({ tokens, tokensPerSecond: pace, scripts: new Map() });
  onTestFinished(() => server.close());
  const askedAtMs = performance.now();
  const { body } = await fetch(`${server.url}/stream`, { method: "POST" });
  if (body === null) throw new Error("There is no answer.");
  return { askedAtMs, reader: body.pipeThrough(new TextDecoderStream()).getReader() };
}

function tokensIn(text: string): number {
  return text.split('"type":"token"').length - 1;
}

test("no token comes before it is due, and the last one comes", async () => {
  const { askedAtMs, reader } = await ask(300);
  let text = "";
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    text += value;
    const secondsSoFar = (performance.now() - askedAtMs) / 1e3;
    expect(tokensIn(text)).toBeLessThanOrEqual(Math.floor(secondsSoFar * pace));
  }
  expect(tokensIn(text)).toBe(300);
  expect(text).toContain('"type":"stop"');
});

test("what a late timer has held up comes at once", async () => {
  const { reader } = await ask(200);
  await reader.read();
  const heldUpUntilMs = performance.now() + 60;
  while (performance.now() < heldUpUntilMs);
  let mostAtOnce = 0;
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    mostAtOnce = Math.max(mostAtOnce, tokensIn(value));
  }
  expect(mostAtOnce).toBeGreaterThanOrEqual(59);
});
