import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { RelayOptions } from "@gatestream/relay";
import { anthropic, openai, openaiResponses } from "@gatestream/relay-providers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startRawGateway } from "../../src/gateway/testing/servers.ts";
import { anySplit, type Arrivals } from "../../src/gateway/testing/splits.ts";
import { startEmulator } from "../../src/gateway/testing/start-emulator.ts";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo } from "@gatestream/testing/ask";
import { parseStream } from "@gatestream/testing/parse-events";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { untilReady } from "@gatestream/testing/two-relays";

type Upstream = (url: string) => RelayOptions;

const genesys: Upstream = (url) => ({
  genesys: { clientId: "demo-client", clientSecret: "demo-secret", loginUrl: url, apiUrl: url },
});
const apiKey = "demo-key";

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../relay-providers/fixtures/${name}.sse`, import.meta.url));

const lines = [
  { type: "reasoning", content: "An order number 👍." },
  { content: "I look." },
  { type: "tool_call", callId: "c1", name: "find", argumentsDelta: '{"id":' },
  { type: "tool_call", callId: "c1", name: "find", argumentsDelta: "4711}", isComplete: true },
  { type: "source", sourceId: "1", url: "https://example.com/hours", score: 0.5 },
  { type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" },
  { type: "stop", finishReason: "tool_calls", usage: { inputTokens: 3, outputTokens: 2 } },
];

const answers: readonly (readonly [name: string, upstream: Upstream, body: Buffer])[] = [
  ["genesys", genesys, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""))],
  ["openai", (url) => ({ openai: { baseUrl: `${url}/v1` } }), fixture("openai/openrouter")],
  [
    "openai-responses",
    (url) => ({ openaiResponses: { baseUrl: `${url}/v1` } }),
    fixture("openai-responses/tools"),
  ],
  ["anthropic", (url) => ({ anthropic: { baseUrl: url, apiKey } }), fixture("anthropic/thinking")],
];

/** A gateway that answers with the bytes that it is given next, as they are split. */
async function startSplitGateway() {
  let next: Arrivals = [];
  const gateway = await startRawGateway(async (request, response) => {
    request.resume();
    const arrivals = next;
    response.setHeader(
      "content-type",
      request.url?.startsWith("/v1/") ? "text/event-stream" : "application/x-ndjson",
    );
    for (const pieces of arrivals) {
      for (const piece of pieces) response.write(piece);
      await turn();
    }
    response.end();
  });
  return { ...gateway, answerWith: (arrivals: Arrivals) => void (next = arrivals) };
}

function numbered({ events }: Pick<ResumingReader, "events">) {
  return events.filter(({ id }) => id !== undefined).map(({ id, event }) => [id, event]);
}

describe.each(["memory", "redis"] as const)("typed events with resume %s", (resume) => {
  test.skipIf(resume === "redis" && whyNoRedis).each(answers)(
    "keep their ids, however the bytes are split and wherever a reader is cut: %s",
    { timeout: 60_000 },
    async (_, upstream, body) => {
      await using gateway = await startSplitGateway();
      await using redis = resume === "redis" ? await startRedis() : undefined;
      const options = { ...upstream(gateway.url), port: 0, shutdownGraceMs: 0 };
      const shared = redis === undefined ? { resume } : { resume, redisUrl: redis.url };
      const relays = [createRelay({ ...options, ...shared })];
      if (redis !== undefined) relays.push(createRelay({ ...options, ...shared }));
      try {
        const urls = await Promise.all(relays.map(async (relay) => (await relay.listen()).url));
        if (redis !== undefined) await Promise.all(urls.map(untilReady));
        const [first = ""] = urls;
        const streamUrl = `${first}/api/llm/stream`;
        gateway.answerWith([[body]]);
        const whole = parseStream((await replyTo(ask(streamUrl, question("Hello")))).text);
        const expected = numbered(whole);
        expect(expected.map(([id]) => id)).toEqual(expected.map((__, at) => String(at + 1)));
        expect(new Set(whole.events.map(({ event }) => event.type)).size).toBeGreaterThan(3);

        const schedule = fc.record({
          arrivals: anySplit(body),
          cuts: fc.array(fc.nat(expected.length - 1), { maxLength: 3 }),
        });
        await fc.assert(
          fc.asyncProperty(schedule, async ({ arrivals, cuts }) => {
            gateway.answerWith(arrivals);
            const reader = createReader();
            await reader.open(ask(streamUrl, { ...question("Hello"), onDisconnect: "detach" }));
            for (const [at, cut] of cuts.toSorted((one, other) => one - other).entries()) {
              await reader.readTo(cut);
              reader.cut();
              await reader.comeBack(urls[at % urls.length] ?? first);
            }
            await reader.readToEnd();
            expect(numbered(reader)).toEqual(expected);
          }),
          { numRuns: 25 },
        );
      } finally {
        await Promise.all(relays.map((relay) => relay.close()));
      }
    },
  );
});

test.each([
  ["openai", (url: string) => openai({ baseUrl: `${url}/v1`, apiKey })],
  ["openai-responses", (url: string) => openaiResponses({ baseUrl: `${url}/v1`, apiKey })],
  ["anthropic", (url: string) => anthropic({ baseUrl: url, apiKey })],
])(
  "a relay asks the server that a provider of the package names: %s",
  async (dialect, provider) => {
    const { emulator, url } = await startEmulator({ scenario: "tool-call" });
    const relay = createRelay({ provider: provider(url), port: 0, shutdownGraceMs: 0 });
    try {
      const listening = await relay.listen();
      const reply = await replyTo(ask(`${listening.url}/api/llm/stream`, question("Hello")));
      const types = parseStream(reply.text).events.map(({ event }) => event.type);
      expect(new Set(types)).toEqual(new Set(["start", "token", "tool_call", "stop"]));
      expect(emulator.calls).toMatchObject([{ dialect, status: 200 }]);
    } finally {
      await relay.close();
    }
  },
);

test("an image is refused with 400 where the gateway takes none, by its name", async () => {
  const { emulator, url } = await startEmulator();
  const relay = createRelay({ ...genesys(url), port: 0, shutdownGraceMs: 0 });
  try {
    const listening = await relay.listen();
    const image = { type: "image", url: "https://example.com/a.png" };
    const reply = await replyTo(
      ask(`${listening.url}/api/llm/stream`, {
        configurationId: "cfg-1",
        messages: [{ role: "user", content: [{ type: "text", text: "This:" }, image] }],
      }),
    );
    expect(reply.status).toBe(400);
    expect(refusalIn(reply)).toMatchObject({
      code: "invalid_request",
      message: "messages.0.content.1 must be text: the gateway takes no images.",
    });
    expect(emulator.calls).toEqual([]);
  } finally {
    await relay.close();
  }
});
