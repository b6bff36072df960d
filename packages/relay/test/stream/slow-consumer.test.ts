import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ask, question, responseTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { parseStream, tokensIn } from "@gatestream/testing/parse-events";
import { startRelay } from "@gatestream/testing/relay-under-test";

const maxBufferedBytes = 256 * 1024;
/** One read of the gateway may come on top, and what the two logs' batches hold. */
const slackBytes = 1024 * 1024;

test("a reader that stops reading holds back a 50 MB answer: what waits for it stays bounded", async () => {
  await using under = await startRelay({ maxBufferedBytes, slowConsumerTimeoutMs: 1000 });
  // A server of its own, to look at what waits in its response.
  await using host = await startHost(under.relay.handler);

  const rssBefore = process.memoryUsage.rss();
  const response = await responseTo(
    ask(`${host.url}/api/llm/stream`, question("/scenario many-tokens 1000000")),
  );
  // The body is not read: the gateway has to wait, and its connection is closed in the end.
  let mostWaiting = 0;
  const call = await under.emulator.waitFor(({ kind, state }) => {
    mostWaiting = Math.max(mostWaiting, host.responses[0]?.writableLength ?? 0);
    return kind === "chat" && state !== "open";
  });
  expect(call.state).toBe("aborted");
  expect(call.sentText.endsWith("999999 ")).toBe(false);
  expect(mostWaiting).toBeGreaterThan(maxBufferedBytes);
  expect(mostWaiting).toBeLessThan(maxBufferedBytes + slackBytes);
  // The emulator, its record and this reader live here too: generous, and far from unbounded.
  expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(400 * 1024 * 1024);

  // It reads on: everything that waited is there, and why nothing follows.
  const stream = parseStream(await text(response));
  const numbered = stream.events.filter(({ id }) => id !== undefined);
  expect(numbered.map(({ id }) => id)).toEqual(numbered.map((_, index) => String(index + 1)));
  expect(numbered.length).toBeGreaterThan(1000);
  expect(call.sentText.startsWith(tokensIn(stream))).toBe(true);
  expect(stream.events.filter(({ event }) => event.type === "error")).toEqual([
    {
      name: undefined,
      id: String(numbered.length),
      event: {
        type: "error",
        code: "slow_consumer",
        message: expect.stringContaining("1000 ms"),
        retryable: true,
        retryAfterMs: 1_000,
        requestId: expect.any(String),
      },
    },
  ]);
  expect(stream.events.at(-1)?.event.type).toBe("error");
  expect(await under.untilObserved("stream_ended")).toMatchObject({
    ending: "error",
    error: { code: "slow_consumer" },
    readerLeft: false,
  });
});

test("a reader that never reads on is dropped in the end, and nothing is left of its stream", async () => {
  await using under = await startRelay({ maxBufferedBytes: 1024, slowConsumerTimeoutMs: 100 });
  const response = await responseTo(
    ask(under.streamUrl, question("/scenario many-tokens 1000000")),
  );
  const { error } = await under.untilObserved("stream_ended");
  expect(error).toMatchObject({ code: "slow_consumer" });
  // Too late: what the system had taken is there, but not the end.
  await expect(text(response)).rejects.toThrow("aborted");
});

test("a reader that pauses and reads on in time gets the whole answer", async () => {
  await using under = await startRelay({ maxBufferedBytes: 1024 });
  const response = await responseTo(ask(under.streamUrl, question("/scenario many-tokens 100000")));
  await under.emulator.waitFor(({ sentText }) => sentText.length > 100_000);
  const stream = parseStream(await text(response));
  expect(stream.events.at(-1)).toEqual({
    name: undefined,
    id: "100001",
    event: { type: "stop", reason: "stop" },
  });
  const call = await under.emulator.waitFor(({ kind }) => kind === "chat");
  expect(tokensIn(stream) === call.sentText).toBe(true);
});
