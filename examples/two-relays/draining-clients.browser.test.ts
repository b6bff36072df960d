import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";

import { createClient } from "../../packages/client/src/index.ts";
import { ask } from "@gatestream/testing/ask";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, streamAt } from "@gatestream/testing/resuming-reader";
import { startTwoRelays } from "@gatestream/testing/two-relays";
import { askForWhole, everyId, lastId, tokenCount } from "@gatestream/testing/whole-answer";
import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";

const text = Array.from({ length: tokenCount }, (_, index) => `${index} `).join("");
/** Longer than any test: a stream that runs holds up the stop. */
const options = { shutdownGraceMs: 600_000, gateway: { hold: "pieces" } } as const;

/** What stands before both relays; each new connection goes to the one that is chosen. */
async function startSwitch(firstUrl: string) {
  let target = Number(new URL(firstUrl).port);
  let count = 0;
  let onConnection = (): void => {};
  const server = createServer((client) => {
    const relay = connect(target, "127.0.0.1");
    client.pipe(relay).pipe(client);
    for (const socket of [client, relay]) {
      socket.on("error", () => {});
      socket.on("close", () => [client, relay].forEach((one) => one.destroy()));
    }
    count += 1;
    onConnection();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    switchTo(url: string) {
      target = Number(new URL(url).port);
    },
    /** Resolves once as many more connections have come. */
    untilConnections(wanted: number): Promise<void> {
      const enough = count + wanted;
      return new Promise((resolve) => {
        onConnection = () => count >= enough && resolve();
      });
    },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

describe.skipIf(whyNoRedis)(
  `a relay that drains, beside one that does not ${whyNoRedis ?? ""}`,
  () => {
    test("the SDK resumes at it, is sent on again, and continues at the other relay", async () => {
      await using relays = await startTwoRelays(options);
      await using network = await startSwitch(relays.here.url);
      const retry = { baseDelayMs: 1 };
      const client = createClient({ url: `${network.url}/api/llm`, resumable: true, retry });
      let hasBegun = (): void => {};
      const begun = new Promise<void>((resolve) => (hasBegun = resolve));
      const stream = client.stream(
        { ...askForWhole, onDisconnect: "detach" },
        { onToken: () => hasBegun() },
      );
      await relays.gateway.release(3);
      await begun;
      const sentAway = network.untilConnections(2);
      const closed = relays.here.relay.close();
      await sentAway;
      network.switchTo(relays.there.url);
      await relays.gateway.release(lastId);
      expect(await stream.result()).toMatchObject({ text, reason: "stop" });
      expect(stream.lastEventId).toBe(lastId);
      expect(relays.gateway.chatCount).toBe(1);
      await closed;
    });

    test.skipIf(!hasChromium)("so does the native EventSource of a browser", async () => {
      await using relays = await startTwoRelays(options);
      await using network = await startSwitch(relays.here.url);
      const reader = createReader();
      await reader.open(ask(relays.here.streamUrl, askForWhole));
      await relays.gateway.release(3);
      await reader.readTo(3);
      reader.cut();
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        // Any page of the same origin.
        await page.goto(`${network.url}/healthz`);
        const ids = await page.evaluateHandle(
          (url) => {
            const seen: number[] = [];
            const source = new EventSource(url);
            source.addEventListener("message", ({ data, lastEventId }) => {
              seen.push(Number(lastEventId));
              if (JSON.parse(data).type === "stop") source.close();
            });
            return { seen, source };
          },
          streamAt(network.url, reader.streamId),
        );
        await page.waitForFunction(({ seen }) => seen.length >= 3, ids);
        const sentAway = network.untilConnections(2);
        const closed = relays.here.relay.close();
        await sentAway;
        network.switchTo(relays.there.url);
        await relays.gateway.release(lastId);
        await page.waitForFunction(({ source }) => source.readyState === source.CLOSED, ids);
        expect(await ids.evaluate(({ seen }) => seen)).toEqual(everyId);
        expect(relays.gateway.chatCount).toBe(1);
        await closed;
      } finally {
        await browser.close();
      }
    });
  },
);
