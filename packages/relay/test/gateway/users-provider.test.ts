import { text } from "node:stream/consumers";
import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import type { Provider } from "../../src/gateway/provider.ts";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import type { ResumableLog } from "../../src/log/event-log.ts";
import { createRelay } from "../../src/relay.ts";
import { ask, question, refusalIn, replyTo, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream } from "@gatestream/testing/parse-events";

const token: StreamEvent = { type: "token", content: "a", index: 0 };
const stop: StreamEvent = { type: "stop", reason: "stop" };

/** A provider of the host's own. */
function providerOf(answer: () => AsyncIterable<readonly StreamEvent[]>): Provider {
  return { name: "own", open: async () => answer(), async close() {} };
}

/** A relay on a host's server. */
async function startOn(provider: Provider, log?: ResumableLog) {
  const relay = createRelay({
    provider,
    shutdownGraceMs: 0,
    ...(log === undefined ? {} : { log }),
  });
  const host = await startHost(relay.handler);
  return {
    relay,
    streamUrl: `${host.url}/api/llm/stream`,
    async [Symbol.asyncDispose]() {
      await relay.close();
      await host[Symbol.asyncDispose]();
    },
  };
}

const never = new Promise<never>(() => {});

describe.each(["abort", "detach"])("a stream with onDisconnect %s", (onDisconnect) => {
  const body = { ...question("Hello"), onDisconnect };

  test("of a provider that ignores its signal ends within a stop of the relay", async () => {
    await using under = await startOn(
      providerOf(async function* ignoring() {
        yield [token];
        await never;
      }),
    );
    const response = await responseTo(ask(under.streamUrl, body));
    const before = await textUntil(response, (soFar) => soFar.includes("id: 1\n"));
    const [after] = await Promise.all([text(response).catch(() => ""), under.relay.close()]);
    expect(before + after).toContain('"content":"a"');
  });

  test("of a provider that never accepts does not hold up a stop of the relay", async () => {
    await using under = await startOn({ name: "own", open: () => never, close: () => never });
    const reply = replyTo(ask(under.streamUrl, body)).catch(() => undefined);
    await under.relay.close();
    await reply;
  });

  test("ends with the terminal event, whatever its provider puts behind it", async () => {
    await using under = await startOn(
      providerOf(async function* late() {
        yield [token, stop, token];
        yield [token];
      }),
    );
    const { text: answer } = await replyTo(ask(under.streamUrl, body));
    const { events } = parseStream(answer);
    expect(events.flatMap(({ id, event }) => (id === undefined ? [] : [event]))).toEqual([
      token,
      stop,
    ]);
  });

  test("ends with internal_error at an event that cannot be written as JSON", async () => {
    let nested: unknown = 1;
    for (let depth = 0; depth < 20_000; depth += 1) nested = [nested];
    await using under = await startOn(
      providerOf(async function* deep() {
        yield [token, { type: "deep", content: "", index: 1, nested }];
        yield [token, stop];
      }),
    );
    const { text: answer } = await replyTo(ask(under.streamUrl, body));
    const { events } = parseStream(answer);
    expect(events.flatMap(({ id, event }) => (id === undefined ? [] : [event]))).toMatchObject([
      token,
      { type: "error", code: "internal_error" },
    ]);
  });
});

test("a log that fails cuts its readers off, with no unhandled rejection", async () => {
  const kept = createMemoryLog({
    maxLogBytes: 1_048_576,
    maxTotalLogBytes: 1_048_576,
    retainClosedMs: 600_000,
  });
  const log: ResumableLog = {
    ...kept,
    async create(...facts) {
      const writer = await kept.create(...facts);
      let count = 0;
      return {
        ...writer,
        append(events) {
          count += 1;
          if (count > 1) throw new Error("the disk is full");
          return writer.append(events);
        },
      };
    },
  };
  await using under = await startOn(
    providerOf(async function* two() {
      yield [token];
      yield [token];
    }),
    log,
  );
  const body = { ...question("Hello"), onDisconnect: "detach" };
  const headers = { "Idempotency-Key": "a-key-of-this-caller-0123456789" };
  await expect(replyTo(ask(under.streamUrl, body, { headers }))).rejects.toThrow();
  // A later reader does not wait for a stream without a writer.
  const joined = await replyTo(ask(under.streamUrl, body, { headers }));
  expect([joined.status, refusalIn(joined).code]).toEqual([503, "producer_lost"]);
});

test("an authenticate that returns an empty subject is a fault of the host, reported to the operator", async () => {
  const refused: unknown[] = [];
  const relay = createRelay({
    provider: providerOf(async function* one() {
      yield [stop];
    }),
    authenticate: () => ({ subject: "" }),
    observer(event) {
      if (event.type === "request_refused") refused.push(event.error.cause);
    },
  });
  await using host = await startHost(relay.handler);
  const reply = await replyTo(ask(`${host.url}/api/llm/stream`, question("Hello")));
  expect([reply.status, refusalIn(reply).code]).toEqual([500, "internal_error"]);
  expect(String(refused[0])).toContain("authenticate gave an empty subject");
  await relay.close();
});
