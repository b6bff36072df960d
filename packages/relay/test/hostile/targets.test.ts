import { expect, test } from "vitest";
import { question } from "@gatestream/testing/ask";
import { expectRefused } from "@gatestream/testing/expect-refused";
import { connectRaw, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

const body = JSON.stringify(question("Hello"));

/** A good request for a stream, but for its target. */
function postTo(target: string): Buffer {
  const [, ...parts] = rawPost(body).toString().split("/api/llm/stream");
  return Buffer.from(`POST ${target}${parts.join("/api/llm/stream")}`);
}

test.each([
  "http://elsewhere.example/api/llm/stream",
  "https://user:secret@elsewhere.example/api/llm/stream",
  "*",
  "//api/llm/stream",
  "/api//llm/stream",
  "/api/llm/stream/",
  "/api/llm/../llm/stream",
  "/api/llm/%2e%2e/llm/stream",
  "/api/llm/..%2f..%2f..%2fetc/passwd",
  "/api/llm/%73tream",
  "/api/llm/stream%00",
  "/api/llm/stream%",
  "/api/llm/stream;a=b",
  "/%zz%ff%c0%af",
  "/api/llm/stream#fragment",
  "\\api\\llm\\stream",
  "/__proto__",
  "/api/llm/constructor",
  `/${"x".repeat(15_000)}`,
  `/api/llm/${"../".repeat(4_000)}`,
])("nothing is at $0", async (target) => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send(postTo(target));
  const reply = await client.reply();
  // What is no target at all, node:http refuses by itself.
  expect(["not_found", undefined]).toContain(expectRefused(reply));
  expect([400, 404]).toContain(reply?.status);
  client.socket.destroy();
  expect(under.emulator.calls).toEqual([]);
  await under.expectUnharmed();
});

test.each(["?", "?a=b", "?%", `?${"x".repeat(10_000)}`, "?next=//elsewhere.example", "??/../"])(
  "a query is no part of the path: $0",
  async (query) => {
    await using under = await startWatchedRelay();
    using client = await connectRaw(under.url);
    client.send(postTo(`/api/llm/stream${query}`));
    expect(await client.reply()).toMatchObject({ status: 200 });
    client.socket.destroy();
    await under.expectUnharmed();
  },
);

test.each(["PROPFIND", "TRACE", "LINK", "M-SEARCH", "PURGE", "DELETE", "PATCH"])(
  "%s is no method of a stream",
  async (method) => {
    await using under = await startWatchedRelay();
    using client = await connectRaw(under.url);
    client.send(`${method} /api/llm/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(expectRefused(await client.reply())).toBe("method_not_allowed");
    client.socket.destroy();
    await under.expectUnharmed();
  },
);

test("the relay is no proxy: CONNECT is cut off", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send("CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n");
  expect(await client.untilClosed()).toBe("");
  await under.expectUnharmed();
});

test("OPTIONS * is refused", async () => {
  await using under = await startWatchedRelay();
  using client = await connectRaw(under.url);
  client.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(expectRefused(await client.reply())).toBe("not_found");
  client.socket.destroy();
  await under.expectUnharmed();
});
