import { expect, onTestFinished, test } from "vitest";
import { stamp, type Plan } from "../gateway/answer.ts";
import { createGateway } from "../gateway/gateway.ts";
import { requestText } from "./connection.ts";
import { exhaust } from "./exhaust.ts";
import { createOpenStreams } from "./open-streams.ts";
import { createStampScanner } from "./token-scanner.ts";

async function gatewayThatFollows(plan: Plan) {
  const gateway = createGateway();
  onTestFinished(gateway.close);
  gateway.follow(plan);
  const request = requestText("POST /chat", {});
  return { gateway, target: { port: await gateway.listen(0), request } };
}

const flatOut = { tokens: 25, tokensPerChunk: 10, everyMs: 0 };

test("a connection asks again until its time is over, and reads all tokens", async () => {
  const { target, gateway } = await gatewayThatFollows(flatOut);
  const done = await exhaust({ target, streams: 2, durationMs: 50, tokensPerStream: 25 });
  expect(done.answers).toBeGreaterThan(2);
  expect(done.tokens).toBe(25 * done.answers);
  expect(gateway.account().answersBegun).toBe(done.answers);
});

test("an answer that lacks tokens is no result", async () => {
  const { target } = await gatewayThatFollows(flatOut);
  const work = exhaust({ target, streams: 1, durationMs: 0, tokensPerStream: 26 });
  await expect(work).rejects.toThrow("25 tokens instead of 26");
});

test("received tokens have their latency, and the gateway sees who leaves", async () => {
  const plan = { tokens: 0, tokensPerChunk: 1, everyMs: 5 };
  const { target, gateway } = await gatewayThatFollows(plan);
  const streams = createOpenStreams();
  onTestFinished(streams.leave);
  await streams.open({ target, streams: 4, staggerMs: 0 });
  const { tokens, latencyMs } = await streams.listen(200);
  expect(tokens).toBeGreaterThan(4);
  expect(latencyMs.p50).toBeGreaterThan(0);
  expect(latencyMs.p50).toBeLessThan(1_000);
  streams.leave();
  await expect.poll(() => gateway.account().leftAtMs.length).toBe(4);
});

test("times of sending are found wherever the text is split", () => {
  const text = `{"content":" w~${stamp(12)}"}\n\n{"content":" w~${stamp(345)}"}\n\n`;
  for (let at = 0; at <= text.length; at += 1) {
    const found: number[] = [];
    const scan = createStampScanner((sentAtMs) => found.push(sentAtMs));
    scan(Buffer.from(text.slice(0, at)));
    scan(Buffer.from(text.slice(at)));
    expect(found, `split at ${at}`).toEqual([12, 345]);
  }
});
