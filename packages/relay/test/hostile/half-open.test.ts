import { expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawHead, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

test("a silent connection is closed", async () => {
  await using under = await startWatchedRelay({ requestTimeoutMs: 100 });
  const clients = await Promise.all(Array.from({ length: 50 }, () => connectRaw(under.url)));
  for (const client of clients) {
    expect(await client.untilClosed()).toBe(
      "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
    );
  }
  expect(under.observed).toEqual([]);
  await under.expectUnharmed();
});

test("a kept connection on which nothing more comes is closed", async () => {
  await using under = await startWatchedRelay({ keepAliveTimeoutMs: 100 });
  using client = await connectRaw(under.url);
  client.send(rawPost("{}"));
  expect(expectRefused(await client.reply())).toBe("invalid_request");
  expect(await client.untilClosed()).toBe("");
  await under.expectUnharmed();
});

test("half a request, then silence: the connection is closed, and the body is reported as cut", async () => {
  await using under = await startWatchedRelay({ requestTimeoutMs: 100 });
  using client = await connectRaw(under.url);
  client.send(Buffer.concat([rawHead("Content-Length: 100\r\n"), Buffer.from('{"config')]));
  expect(await client.untilClosed()).toMatch(/^(?:HTTP\/1\.1 408 [^]*)?$/);
  expect(await under.untilObserved("request_refused")).toMatchObject({
    error: { code: "invalid_request", message: "The body was cut off." },
  });
  await under.expectUnharmed();
});

test("a client that stops sending for good after its question is a reader that left", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawPost(JSON.stringify(question("/scenario stall"))));
  await client.until("id: 8");
  client.socket.end();
  await client.untilClosed();
  expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
  await under.expectUnharmed();
});

test.each(["/scenario silent", "/scenario stall"])(
  "a client that vanishes without a word ends its stream: %s",
  async (scenario) => {
    await using under = await startWatchedRelay();
    using client = await connectRaw(under.url);
    client.send(rawPost(JSON.stringify(question(scenario))));
    const chat = await under.emulator.waitFor(({ kind }) => kind === "chat");
    if (scenario === "/scenario stall") await client.until("id: 8");
    client.socket.resetAndDestroy();
    expect(await under.untilObserved("stream_ended")).toMatchObject({ readerLeft: true });
    await under.expectUnharmed();
    expect(chat.state).toBe("aborted");
  },
);

test("a client that never reads does not block others, and is dropped", async () => {
  await using under = await startWatchedRelay({
    maxBufferedBytes: 1024,
    slowConsumerTimeoutMs: 500,
  });
  using client = await connectRaw(under.url);
  client.socket.pause();
  client.send(rawPost(JSON.stringify(question("/scenario many-tokens 1000000"))));
  const chat = await under.emulator.waitFor(
    ({ kind, sentText }) => kind === "chat" && sentText !== "",
  );
  for (let count = 0; count < 5; count += 1) {
    const { text } = await replyTo(ask(under.streamUrl, question("/scenario many-tokens 10")));
    expect(text).toContain('"type":"stop"');
  }
  await under.emulator.waitFor(({ id, state }) => id === chat.id && state !== "open");
  expect(chat.state).toBe("aborted");
  await under.expectUnharmed();
});
