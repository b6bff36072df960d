import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const stream = rawPost(JSON.stringify(question("/scenario many-tokens 2")));
const nowhere = Buffer.from("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");

test("a stream behind a stream is refused; what asks for no stream is answered in its turn", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(Buffer.concat([stream, stream, nowhere]));
  expect(await client.reply()).toMatchObject({ status: 200 });
  const second = await client.reply();
  expect(expectRefused(second)).toBe("invalid_request");
  expect(second?.text).toContain("A connection carries one stream at a time.");
  expect(expectRefused(await client.reply())).toBe("not_found");
  client.socket.destroy();
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
  await under.expectUnharmed();
});

test("behind a stream that has ended the same connection carries the next", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  for (let round = 0; round < 5; round += 1) {
    client.send(nowhere);
    expect(expectRefused(await client.reply())).toBe("not_found");
    client.send(stream);
    const reply = await client.reply();
    expect(reply).toMatchObject({ status: 200 });
    expect(reply?.text).toContain('"type":"stop"');
  }
  client.socket.destroy();
  await under.expectUnharmed();
});

test("hundreds of requests at once are answered one after the other", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  const ids = Array.from({ length: 500 }, (_, index) => `request-${index}`);
  client.send(
    ids
      .map((id) => `GET /nowhere HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`)
      .join(""),
  );
  const answered = [];
  while (answered.length < ids.length) {
    const reply = await client.reply();
    answered.push(reply?.headers["x-request-id"]);
  }
  expect(answered).toEqual(ids);
  client.socket.destroy();
  await under.expectUnharmed();
});

test("a thousand streams at once are one stream and refusals, and the next heartbeat finds that the client has left", async () => {
  // While so much waits behind the stream, node:http does not read: only a write meets the end.
  await using under = await startWatchedRelay({
    heartbeatMs: 200,
    emulator: { scenario: "stall" },
  });
  using client = await connectRaw(under.url);
  const stalled = rawPost(JSON.stringify(question("Hello"))).toString();
  client.send(stalled.repeat(1_000));
  await client.until("id: 8");
  client.socket.resetAndDestroy();
  await under.untilNothingLeft();
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toMatchObject([
    { state: "aborted" },
  ]);
});

test("what comes behind a refused body is not taken for a part of it", async () => {
  await using under = await startWatchedRelay({ maxBodyBytes: 1_024 });
  using client = await connectRaw(under.url);
  client.send(Buffer.concat([rawPost("x".repeat(200_000)), nowhere, rawPost("{"), nowhere]));
  const codes = [];
  for (let count = 0; count < 4; count += 1) codes.push(expectRefused(await client.reply()));
  expect(codes).toEqual(["payload_too_large", "not_found", "invalid_request", "not_found"]);
  client.socket.destroy();
  await under.expectUnharmed();
});
