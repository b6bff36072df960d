import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectRaw, rawPost } from "@gatestream/testing/raw-client";
import { startWatchedRelay } from "@gatestream/testing/watched-relay";

test.each([
  ["of no stream", "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["of a stream", rawPost("{}").toString()],
])("unread refusals %s do not hold their connection for ever", async (_, request) => {
  await using under = await startWatchedRelay({ slowConsumerTimeoutMs: 200 });
  using client = await connectRaw(under.url);
  client.socket.pause();
  // Whole requests in each piece: node:http stops reading between two of them, and then none is
  // there that requestTimeoutMs could end.
  for (let piece = 0; piece < 60; piece += 1) {
    const enough = under.observed.length + 500;
    client.send(request.repeat(500));
    for (let turn = 0; turn < 50 && under.observed.length < enough; turn += 1) await loopTurn();
  }
  expect(under.observed.length).toBeLessThan(60 * 500);
  await under.expectUnharmed();
});
