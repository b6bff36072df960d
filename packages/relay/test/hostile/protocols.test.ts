import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawHead, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const body = JSON.stringify(question("/scenario many-tokens 2"));
const hello = Buffer.from("16030100c8010000c40303", "hex");

test.each<[string, string | Buffer]>([
  ["TLS", Buffer.concat([hello, Buffer.alloc(192, 7)])],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"],
  ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["bytes", Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
])("a client that speaks %s is refused and disconnected", async (_, bytes) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(bytes);
  expect(expectRefused(await client.reply())).toBe(undefined);
  await client.untilClosed();
  await under.expectUnharmed();
});

test("HTTP/1.0 gets its stream without chunks, and the end of the connection", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawPost(body).toString().replace("HTTP/1.1", "HTTP/1.0"));
  const [head = "", text = ""] = (await client.untilClosed()).split(/\r\n\r\n/);
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close/);
  expect(head).not.toMatch(/transfer-encoding/i);
  expect(text).toMatch(/^retry: \d+\n[^]*data: \{"type":"stop","reason":"stop"\}\nid: 3\n\n$/);
  await under.expectUnharmed();
});

test("Expect: 100-continue gets 100 Continue, and is served", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawHead(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`));
  expect(await client.reply()).toMatchObject({ status: 100 });
  client.send(body);
  expect(await client.reply()).toMatchObject({ status: 200 });
  client.socket.destroy();
  await under.expectUnharmed();
});

test("any other expectation is refused", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawPost(body, "Expect: 200-ok\r\n"));
  expect(await client.reply()).toMatchObject({ status: 417, text: "" });
  client.socket.destroy();
  expect(under.emulator.calls).toEqual([]);
  await under.expectUnharmed();
});

test.each([
  "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
  "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n",
  "Connection: Upgrade\r\nUpgrade: \r\n",
])("an upgrade to what the relay does not speak is no stream: %j", async (headers) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(`GET /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  const reply = await client.reply();
  if (reply !== undefined) expectRefused(reply);
  client.socket.destroy();
  await under.expectUnharmed();
});

test("trailers are taken and ignored", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(rawHead("Trailer: X-More\r\nTransfer-Encoding: chunked\r\n"));
  client.send(
    `${body.length.toString(16)}\r\n${body}\r\n0\r\nX-More: 1\r\nContent-Type: text/plain\r\n\r\n`,
  );
  expect(await client.reply()).toMatchObject({ status: 200 });
  client.socket.destroy();
  await under.expectUnharmed();
});
