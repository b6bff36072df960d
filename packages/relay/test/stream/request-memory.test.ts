import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { ask, question, responseTo, textUntil } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { startRelay } from "@gatestream/testing/relay-under-test";
import { settledHeap } from "@gatestream/testing/settled-heap";
import { openPage } from "@gatestream/testing/socket-page";

const streams = 24;
const conversationChars = 1_000_000;

/** A gateway that begins to answer and leaves the end to the test. */
function startOpenGateway() {
  const responses: ServerResponse[] = [];
  const starting = startHost((request, response) => {
    request.resume().on("end", () => {
      if (request.url === "/oauth/token") {
        response.end('{"access_token":"t","expires_in":86400}');
        return;
      }
      responses.push(response);
      response.write('{"content":"a"}\n');
    });
  });
  return { starting, responses };
}

test.each([
  ["abort", "HTTP"],
  ["detach", "HTTP"],
  ["abort", "WebSocket"],
  ["detach", "WebSocket"],
] as const)(
  "a conversation is not kept while its answer streams: %s over %s",
  async (onDisconnect, transport) => {
    const { starting, responses } = startOpenGateway();
    await using gateway = await starting;
    await using under = await startRelay({
      resume: "memory",
      maxBodyBytes: 4 * conversationChars,
      genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
    });
    using page = await openPage(under.url);
    let count = 0;
    /** Resolves when the answer has begun; the returned function waits for its end. */
    async function start(chars: number): Promise<() => Promise<unknown>> {
      // In messages of at most a tenth of it.
      const content = "x".repeat(Math.min(chars, conversationChars / 10));
      const messages = Array.from({ length: chars / content.length }, () => ({
        role: "user",
        content,
      }));
      const body = { ...question(""), messages, onDisconnect };
      if (transport === "HTTP") {
        const response = await responseTo(ask(under.streamUrl, body));
        await textUntil(response, (text) => text.includes('"content":"a"'));
        return () => textUntil(response, (text) => text.includes("stop"));
      }
      const ref = String((count += 1));
      page.send({ op: "start", ref, body });
      await page.until((frame) => frame.ref === ref && frame.type === "token");
      return () => page.untilEnd(ref);
    }
    const ends = [await start(10)];
    const before = await settledHeap();
    while (ends.length <= streams) ends.push(await start(conversationChars));
    const held = (await settledHeap()) - before;
    // Sockets and streams themselves take a fraction of that.
    expect(held).toBeLessThan((streams * conversationChars) / 3);
    for (const response of responses) response.end('{"type":"stop"}\n');
    await Promise.all(ends.map((untilEnd) => untilEnd()));
  },
);
