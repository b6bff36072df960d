import { createHook } from "node:async_hooks";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { assert, expect, test, vi } from "vitest";
import { startRawGateway } from "../../src/gateway/testing/servers.ts";
import { ask, replyTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { connectRaw, rawPost, type RawClient } from "@gatestream/testing/raw-client";
import { startRelay } from "@gatestream/testing/relay-under-test";

const pieces = 50;
const question = '{"configurationId":"c","messages":[{"role":"user","content":"Good morning!"}]}';

/** How many resources of each kind Node made while `work` ran. */
async function madeBy(work: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  const made: Record<string, number> = {};
  const hook = createHook({
    init(_id, type) {
      made[type] = (made[type] ?? 0) + 1;
    },
  }).enable();
  await work();
  hook.disable();
  return made;
}

function tokenLines(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `{"type":"token","content":" word","index":${index}}\n`,
  ).join("");
}

/** Each piece of the answer when the reader has the one before; makes no promise but its own. */
function passThrough(from: ServerResponse, { socket }: RawClient, piece: string): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0;
    const next = (): void => {
      if (sent === pieces) {
        socket.off("data", next);
        resolve();
        return;
      }
      sent += 1;
      from.write(piece);
    };
    socket.on("data", next);
    next();
  });
}

function listenerCount(socket: Socket): number {
  return socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);
}

test("what arrives together costs one write, and no promise or timer, however many tokens it is", async () => {
  const answers: ServerResponse[] = [];
  await using gateway = await startRawGateway((request, response) => {
    request.resume();
    response.writeHead(200, { "Content-Type": "application/x-ndjson" }).flushHeaders();
    answers.push(response);
  });
  await using relay = await startRelay({
    genesys: { loginUrl: gateway.url, apiUrl: gateway.url },
  });
  // Metrics are loaded on demand, which makes promises.
  await replyTo(ask(`${relay.url}/metrics`, undefined, { method: "GET" }));
  await using host = await startHost(relay.relay.handler);
  using client = await connectRaw(host.url);
  const listeners: number[] = [];

  for (const tokens of [1, 10, 100]) {
    client.send(rawPost(question));
    await client.until("event: start");
    const answer = answers.at(-1);
    const socket = host.responses.at(-1)?.socket;
    assert(answer && socket);
    // What a stream does once, at its first token.
    await passThrough(answer, client, tokenLines(1));

    const write = vi.spyOn(socket, "write");
    const listening = vi.spyOn(EventTarget.prototype, "addEventListener");
    const made = await madeBy(() => passThrough(answer, client, tokenLines(tokens)));
    expect(write).toHaveBeenCalledTimes(pieces);
    expect(listening).not.toHaveBeenCalled();
    expect(made["Timeout"]).toBe(undefined);
    // What runs the tests makes a few of its own meanwhile.
    expect(Math.floor((made["PROMISE"] ?? 0) / pieces)).toBe(0);
    vi.restoreAllMocks();

    answer.end('{"type":"stop"}\n');
    const reply = await client.reply();
    expect(reply?.text).toMatch(
      new RegExp(`data: \\{"type":"stop".*\\nid: ${(1 + tokens) * pieces + 1}\\n\\n$`),
    );
    listeners.push(listenerCount(socket));
  }
  // A connection that serves many streams is left by each as it was.
  expect(new Set(listeners).size).toBe(1);
});
