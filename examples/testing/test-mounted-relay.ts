import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";

import {
  ask,
  question,
  refusalIn,
  replyTo,
  responseTo,
  textUntil,
} from "../../packages/testing/src/ask.ts";
import { createReader } from "../../packages/testing/src/resuming-reader.ts";
import type { ServerWithRelay } from "./describe-server-rendered-chat.ts";

const few = question("/scenario many-tokens 3");

/** What `relay.fetch` does in a server of another framework, asked over its own sockets. */
export function testMountedRelay(running: () => ServerWithRelay): void {
  const streamUrl = (): string => `${running().server.url}/api/llm/stream`;
  const callOf = (scenario: string) =>
    running().gateway.emulator.calls.findLast(({ body }) =>
      JSON.stringify(body).includes(scenario),
    );

  test("the relay in it passes each token on as it comes, and heartbeats between them", async () => {
    const { gateway } = running();
    gateway.hold("pieces");
    onTestFinished(() => gateway.hold(undefined));
    const headers = { "Accept-Encoding": "gzip, br" };
    const response = await responseTo(ask(streamUrl(), few, { headers }));
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "x-stream-id": expect.any(String),
    });
    expect(response.headers["content-encoding"]).toBeUndefined();
    await gateway.release();
    await textUntil(response, (text) => text.includes("id: 1\n"));
    // The gateway says nothing more until it may.
    await textUntil(response, (text) => text.includes(": heartbeat"));
    await gateway.release(3);
    await textUntil(response, (text) => text.includes('"type":"stop"'));
    await once(response.resume(), "end");
  });

  test("a reader of the relay in it that leaves aborts the gateway's request", async () => {
    const { gateway } = running();
    const asking = ask(streamUrl(), question("/scenario stall"));
    await textUntil(await responseTo(asking), (text) => text.includes("id: 8\n"));
    asking.destroy();
    await gateway.emulator.waitFor(
      ({ scenario, state }) => scenario === "stall" && state === "aborted",
    );
  });

  test("a reader of the relay in it that does not read makes the gateway wait", async () => {
    const scenario = "many-tokens 1000000";
    const response = await responseTo(ask(streamUrl(), question(`/scenario ${scenario}`)));
    let sent = -1;
    // All buffers between are full when no more comes for a while.
    while (sent !== callOf(scenario)?.sentText.length) {
      sent = callOf(scenario)?.sentText.length ?? 0;
      await pause(100);
    }
    expect(callOf(scenario)?.state).toBe("open");
    await textUntil(response, (text) => text.includes("id: 20000\n"));
    response.destroy();
    const { id } = callOf(scenario) ?? {};
    await running().gateway.emulator.waitFor((call) => call.id === id && call.state === "aborted");
  });

  test("a stream of the relay in it is resumed after any event, and is over at its end", async () => {
    const reader = createReader();
    await reader.open(ask(streamUrl(), { ...few, onDisconnect: "detach" }));
    await reader.readTo(2);
    reader.cut();
    await reader.comeBack(running().server.url);
    await reader.readToEnd();
    expect(reader.events.flatMap(({ id }) => id ?? [])).toEqual(["1", "2", "3", "4"]);
    expect((await reader.comeBack(running().server.url)).statusCode).toBe(204);
  });

  test("the relay in it refuses with its own statuses, and cancels", async () => {
    const refused = await replyTo(ask(streamUrl(), { messages: [] }));
    expect([refused.status, refusalIn(refused).code]).toEqual([400, "invalid_request"]);
    const rejected = await replyTo(ask(streamUrl(), question("/scenario forbidden")));
    expect([rejected.status, refusalIn(rejected).code]).toEqual([502, "gateway_rejected"]);
    const nowhere = ask(`${running().server.url}/api/llm/nowhere`, undefined, { method: "GET" });
    expect(refusalIn(await replyTo(nowhere)).code).toBe("not_found");
    const detached = { ...question("/scenario stall"), onDisconnect: "detach" };
    const response = await responseTo(ask(streamUrl(), detached));
    const id = response.headers["x-stream-id"]?.toString();
    const deleted = ask(`${streamUrl()}/${id}`, undefined, { method: "DELETE" });
    expect((await replyTo(deleted)).status).toBe(204);
    await textUntil(response, (text) => text.includes('"reason":"cancelled"'));
  });

  test("one connection to it serves one answer after the other, with bodies of any size", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const long = "déjà vu 🥐 ".repeat(10_000);
    for (const content of ["/scenario many-tokens 2", `${long}`, "/scenario many-tokens 2"]) {
      const request = httpRequest(streamUrl(), {
        method: "POST",
        agent,
        headers: { "Content-Type": "application/json" },
      }).end(JSON.stringify(question(content)));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(200);
      await once(response.resume(), "end");
      expect(JSON.stringify(callOf(content)?.body)).toContain(JSON.stringify(content));
    }
    agent.destroy();
  });

  test("a server that stops ends the streams of the relay in it, and then itself", async () => {
    const response = await responseTo(ask(streamUrl(), question("/scenario stall")));
    await textUntil(response, (text) => text.includes("id: 8\n"));
    const closed = running().server.close();
    await textUntil(response, (text) => text.includes('"code":"relay_draining"'));
    await closed;
  });
}
