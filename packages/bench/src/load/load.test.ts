import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { direct } from "../peers/all-peers.ts";
import { createGateway } from "../upstream/gateway.ts";
import type { Plan } from "../upstream/plan.ts";
import { exhaust } from "./exhaust.ts";
import { createOpenStreams } from "./open-streams.ts";
import { requestText } from "./target.ts";

async function gatewayThatFollows(plan: Plan) {
  const gateway = createGateway();
  onTestFinished(gateway.close);
  gateway.follow(plan);
  const upstreamPort = await gateway.listen(0);
  return { gateway, target: direct.target({ port: 0, upstreamPort, redisUrl: "" }) };
}

function openStreams() {
  const streams = createOpenStreams();
  onTestFinished(() => void streams.leave());
  return streams;
}

const flatOut = { tokens: 25, tokensPerChunk: 10, everyMs: 0 };

test("every connection reads at least one whole answer, and all their tokens", async () => {
  const { target } = await gatewayThatFollows(flatOut);
  const done = await exhaust({ target, streams: 3, durationMs: 0, tokensPerStream: 25 });
  expect(done).toMatchObject({ answers: 3, tokens: 75, answerMs: { count: 3 } });
});

test("a connection asks again until its time is over", async () => {
  const { target, gateway } = await gatewayThatFollows(flatOut);
  const done = await exhaust({ target, streams: 1, durationMs: 50, tokensPerStream: 25 });
  expect(done.answers).toBeGreaterThan(1);
  expect(gateway.account().answersBegun).toBe(done.answers);
});

test("an answer that lacks tokens is no result", async () => {
  const { target } = await gatewayThatFollows(flatOut);
  const work = exhaust({ target, streams: 1, durationMs: 0, tokensPerStream: 26 });
  await expect(work).rejects.toThrow("25 tokens instead of 26");
});

test("a refusal is reported as an error, not as a result", async () => {
  const server = createServer((_, response) => response.writeHead(503).end());
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const target = { port, request: requestText({ method: "GET", path: "/" }) };
  const work = exhaust({ target, streams: 1, durationMs: 0, tokensPerStream: 25 });
  await expect(work).rejects.toThrow("HTTP/1.1 503");
});

test("received tokens have their latency", async () => {
  const { target } = await gatewayThatFollows({ tokens: 0, tokensPerChunk: 1, everyMs: 5 });
  const streams = openStreams();
  const firstToken = await streams.open({ target, streams: 4, staggerMs: 0 });
  expect(firstToken.count).toBe(4);
  const { tokens, latencyMs } = await streams.listen(200);
  expect(tokens).toBeGreaterThan(4);
  expect(latencyMs.p50).toBeGreaterThan(0);
  expect(latencyMs.p50).toBeLessThan(1_000);
});

test("the gateway detects readers that disconnect", async () => {
  const { target, gateway } = await gatewayThatFollows({
    tokens: 0,
    tokensPerChunk: 1,
    everyMs: Infinity,
  });
  const streams = openStreams();
  await streams.open({ target, streams: 5, staggerMs: 0 });
  expect(gateway.account()).toMatchObject({ answersBegun: 5, leftAt: [] });
  const leftAt = streams.leave();
  await expect.poll(() => gateway.account().leftAt.length).toBe(5);
  expect(Math.min(...gateway.account().leftAt)).toBeGreaterThanOrEqual(leftAt);
});

test("an answer that ends is none that stays open", async () => {
  const { target } = await gatewayThatFollows({ tokens: 2, tokensPerChunk: 1, everyMs: 1 });
  const streams = openStreams();
  await streams.open({ target, streams: 1, staggerMs: 0 });
  await expect(streams.listen(100)).rejects.toThrow("ended");
});
