import { once } from "node:events";
import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawHead, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const mebibyte = 1024 * 1024;

test.each([
  ["one header", `POST / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(17_000)}\r\n\r\n`],
  ["many headers", `POST / HTTP/1.1\r\nHost: localhost\r\n${"X-Many: x\r\n".repeat(4_000)}\r\n`],
  ["a path", `POST /${"x".repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ["a header without an end", `POST / HTTP/1.1\r\nX-Large: ${"x".repeat(20_000)}`],
  [
    "trailers",
    Buffer.concat([
      rawHead("Transfer-Encoding: chunked\r\n"),
      Buffer.from(`0\r\nX-Large: ${"x".repeat(17_000)}\r\n\r\n`),
    ]),
  ],
])("%s of more than 16 KiB: 431, and the connection is closed", async (_, bytes) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(bytes);
  expect(await client.untilClosed()).toBe(
    "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n",
  );
  await under.expectUnharmed();
});

test.each([
  ["of a stated length", rawPost("x".repeat(1_025))],
  [
    "in chunks",
    Buffer.concat([
      rawHead("Transfer-Encoding: chunked\r\n"),
      Buffer.from(`401\r\n${"x".repeat(1_025)}\r\n0\r\n\r\n`),
    ]),
  ],
])("a body of more than maxBodyBytes, %s: 413, and the connection goes on", async (_, bytes) => {
  await using under = await startWatchedRelay({ maxBodyBytes: 1_024 });
  using client = await connectRaw(under.url);
  for (let round = 0; round < 3; round += 1) {
    client.send(bytes);
    expect(expectRefused(await client.reply())).toBe("payload_too_large");
  }
  client.send(rawPost(JSON.stringify(question("/scenario many-tokens 2"))));
  expect(await client.reply()).toMatchObject({ status: 200 });
  client.socket.destroy();
  await under.expectUnharmed();
});

test.each(["1048577", "9007199254740993"])(
  "a body that claims %s bytes and never comes: 413 at once, then cut off",
  async (length) => {
    await using under = await startWatchedRelay({ requestTimeoutMs: 500 });
    using client = await connectRaw(under.url);
    client.send(rawHead(`Content-Length: ${length}\r\n`));
    expect(expectRefused(await client.reply())).toBe("payload_too_large");
    expect(await client.untilClosed()).toMatch(/^(?:HTTP\/1\.1 408 [^]*)?$/);
    await under.expectUnharmed();
  },
);

test("a length that no number holds is refused", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawHead(`Content-Length: ${"9".repeat(30)}\r\n`));
  expect(expectRefused(await client.reply())).toBe(undefined);
  await client.untilClosed();
  await under.expectUnharmed();
});

test("a body without an end is dropped as it comes", async () => {
  await using under = await startWatchedRelay({ maxBodyBytes: 1_024 });
  using client = await connectRaw(under.url);
  client.send(rawHead("Transfer-Encoding: chunked\r\n"));
  const chunk = Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`);
  const before = process.memoryUsage().arrayBuffers;
  let mostBytes = 0;
  while (client.socket.bytesWritten < 256 * mebibyte) {
    if (!client.socket.write(chunk)) await once(client.socket, "drain");
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before);
  }
  expect(expectRefused(await client.reply())).toBe("payload_too_large");
  // What was read and is not collected yet.
  expect(mostBytes).toBeLessThan(128 * mebibyte);
  client.socket.resetAndDestroy();
  await under.expectUnharmed();
});

test("large bodies are released when their clients disconnect", async () => {
  await using under = await startWatchedRelay();
  const clients = await Promise.all(Array.from({ length: 50 }, () => connectRaw(under.url)));
  await Promise.all(
    clients.map((client) => {
      client.send(rawHead(`Content-Length: ${mebibyte}\r\n`));
      return new Promise((resolve) => {
        client.socket.write("x".repeat(mebibyte - 1), resolve);
      });
    }),
  );
  for (const client of clients) client.socket.resetAndDestroy();
  await under.expectUnharmed();
  expect(under.emulator.calls.filter(({ kind }) => kind === "chat")).toHaveLength(1);
});
