import { expect, test } from "vitest";
import { ask, question, responseTo, textUntil } from "@gatestream/testing/ask";
import { startRelay } from "@gatestream/testing/relay-under-test";

test("a reader of a detached stream that waits for its turn gets its position", async () => {
  await using under = await startRelay({ maxConcurrentStreams: 1, firstByteGraceMs: 50 });
  const detached = { ...question("/scenario stall"), onDisconnect: "detach" };
  const first = await responseTo(ask(under.streamUrl, detached));
  await textUntil(first, (soFar) => soFar.includes("id: 1\n"));
  const second = await responseTo(ask(under.streamUrl, detached));
  const heard = await textUntil(second, (soFar) => soFar.includes("queued"));
  expect(heard).toContain('{"type":"queued","position":1}');
  // So does one that follows it on another connection.
  const target = `${under.streamUrl}/${String(second.headers["x-stream-id"])}`;
  const follower = await responseTo(ask(target, undefined, { method: "GET" }));
  await textUntil(follower, (soFar) => soFar.includes('{"type":"queued","position":1}'));
  for (const response of [first, second, follower]) response.destroy();
});
