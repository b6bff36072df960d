import { once } from "node:events";
import { expect, test } from "vitest";
import { startRawGateway, type RawGateway } from "../../src/gateway/testing/servers.ts";
import { ask, question, responseTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { createReader } from "@gatestream/testing/resuming-reader";
import {
  describeEachLog,
  startRelays,
  type LogKind,
  type RelaysUnderTest,
  type RelaysUnderTestOptions,
} from "@gatestream/testing/two-relays";
import { idsOf } from "@gatestream/testing/whole-answer";

const tokenBytes = 64 * 1024;
/** Together more than the system buffers for a client that does not read. */
const tokenCount = 320;
const allIds = Array.from({ length: tokenCount + 1 }, (_, index) => index + 1);
const maxBufferedBytes = 64 * 1024;
/** One batch may come on top: one read of the gateway, or a piece of a replay. */
const slackBytes = 1024 * 1024;

/** A gateway that has a lot to say, at once. */
function startTalkativeGateway(): Promise<RawGateway> {
  return startRawGateway((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const content = "x".repeat(tokenBytes);
    for (let index = 0; index < tokenCount; index += 1) {
      response.write(`${JSON.stringify({ type: "token", content, index })}\n`);
    }
    response.end('{"type":"stop"}\n');
  });
}

function startRelaysAt(
  { url }: RawGateway,
  kind: LogKind,
  options: RelaysUnderTestOptions = {},
): Promise<RelaysUnderTest> {
  return startRelays(kind, {
    genesys: { loginUrl: url, apiUrl: url },
    maxBufferedBytes,
    maxLogBytes: 2 * tokenCount * tokenBytes,
    ...options,
  });
}

const asked = { ...question("Hello"), onDisconnect: "detach" };

describeEachLog("a reader of a detached stream that does not read", (kind) => {
  test("is dropped, does not block others, and reconnects for the rest", async () => {
    await using gateway = await startTalkativeGateway();
    await using relays = await startRelaysAt(gateway, kind, { slowConsumerTimeoutMs: 2_000 });
    const { here, there } = relays;
    // A server of its own, to see this end of the slow reader's connection.
    await using host = await startHost(here.relay.handler);
    const slow = createReader();
    await slow.open(ask(`${host.url}/api/llm/stream`, asked));
    const [response] = host.responses;
    const dropped = response === undefined ? undefined : once(response, "close");
    const other = createReader(slow.streamId);
    await other.comeBack(there.url);
    await other.readToEnd();
    expect(idsOf(other)).toEqual(allIds);
    const ended = await here.untilObserved("stream_ended");
    expect(ended).toMatchObject({ ending: "stop", tokens: tokenCount });

    await dropped;
    await expect(slow.readToEnd()).rejects.toThrow("aborted");
    expect(slow.cursor).toBeGreaterThan(0);
    expect(slow.cursor).toBeLessThan(tokenCount);
    expect(new Set(slow.events.map(({ event }) => event.type))).toEqual(
      new Set(["start", "token"]),
    );
    await slow.comeBack(there.url);
    await slow.readToEnd();
    expect(idsOf(slow)).toEqual(allIds);
    expect(slow.events.at(-1)?.event).toMatchObject({ type: "stop" });
    expect(gateway.paths.filter((path) => path.endsWith("/chat"))).toHaveLength(1);
  });

  test("has no more waiting for it than it may", async () => {
    await using gateway = await startTalkativeGateway();
    await using relays = await startRelaysAt(gateway, kind);
    await using host = await startHost(relays.here.relay.handler);
    const asking = ask(`${host.url}/api/llm/stream`, asked);
    await responseTo(asking);
    await relays.here.untilObserved("stream_ended");
    const waitingBytes = host.responses[0]?.writableLength;
    expect(waitingBytes).toBeGreaterThan(maxBufferedBytes);
    expect(waitingBytes).toBeLessThan(maxBufferedBytes + slackBytes);
    asking.destroy();
  });
});
