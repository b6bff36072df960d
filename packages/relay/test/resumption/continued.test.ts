import { describe, expect, onTestFinished, test } from "vitest";
import type { StreamEvent } from "@gatestream/protocol";
import { redisLog } from "@gatestream/relay-redis";
import { ask } from "@gatestream/testing/ask";
import { eventually } from "@gatestream/testing/eventually";
import { startFaultProxy } from "@gatestream/testing/fault-proxy";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import { createReader, streamAt } from "@gatestream/testing/resuming-reader";
import type { AnswerFlow, AnswerSink, Provider } from "../../src/gateway/provider.ts";
import type { ObserverEvent } from "../../src/observe/observer.ts";
import { createRelay } from "../../src/relay.ts";

/** An upstream that answers in the background, and gives answers again by their handle. */
function createBackgroundUpstream() {
  const events: StreamEvent[] = [];
  const sinks = new Set<AnswerSink>();
  const asked: string[] = [];

  function attach(sink: AnswerSink, how: string): AnswerFlow {
    asked.push(how);
    sink.accepted();
    sink.reattachable?.("job-1");
    if (events.length > 0) sink.events([...events]);
    sinks.add(sink);
    return { resume() {}, cancel: () => sinks.delete(sink) };
  }

  return {
    asked,
    /** Who listens. */
    sinks,
    push(...pushed: readonly StreamEvent[]) {
      events.push(...pushed);
      for (const sink of sinks) sink.events(pushed);
    },
    /** Of one relay of several: each has a provider of its own. */
    createProvider: (): Provider => ({
      name: "background",
      open: (_request, _context, sink) => attach(sink, "open"),
      reattach: (handle, _context, sink) => attach(sink, handle),
      async close() {},
    }),
  };
}

const token = (content: string, index: number): StreamEvent => ({ type: "token", content, index });
const request = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "Hello" }],
  onDisconnect: "detach",
  conversationId: "a-conversation-of-tests",
};

describe.skipIf(whyNoRedis)(
  `a stream whose relay lost Redis ${whyNoRedis ?? ""}`,
  { timeout: 20_000 },
  () => {
    async function startRelays() {
      const server = await startRedis();
      const link = await startFaultProxy(Number(new URL(server.url).port));
      onTestFinished(async () => {
        await link[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      });
      const upstream = createBackgroundUpstream();
      const start = async (url: string) => {
        const observed: ObserverEvent[] = [];
        const relay = createRelay({
          port: 0,
          shutdownGraceMs: 0,
          provider: upstream.createProvider(),
          log: redisLog({ url, leaseMs: 300 }),
          observer: (event) => observed.push(event),
        });
        onTestFinished(() => relay.close());
        const { url: at } = await relay.listen();
        await eventually(async () => expect((await fetch(`${at}/readyz`)).status).toBe(200));
        await eventually(async () =>
          expect(await (await fetch(`${at}/readyz`)).json()).toEqual({ status: "ready" }),
        );
        return { url: at, relay, types: () => observed.map(({ type }) => type) };
      };
      const here = await start(`redis://127.0.0.1:${link.port}`);
      return { link, upstream, here, there: await start(server.url) };
    }

    test("another relay continues it exactly, and it was asked for once", async () => {
      const { link, upstream, here, there } = await startRelays();
      const first = createReader();
      await first.open(ask(`${here.url}/api/llm/stream`, request));
      upstream.push({ type: "reasoning", content: "Hm." }, token("Hel", 0), token("lo", 1));
      await first.readTo(3);
      const second = createReader(first.streamId);
      await second.comeBack(there.url);
      await second.readTo(3);
      link.cut();
      // Only the first relay's reader gets this: Redis is not told of it.
      upstream.push(token(", wor", 2));
      await first.readTo(4);
      first.cut();
      await eventually(async () => expect(upstream.asked).toEqual(["open", "job-1"]));
      expect(there.types()).toContain("stream_continued");
      // One that was on the other relay, and one that has had more than Redis.
      for (const reader of [second, first]) await reader.comeBack(there.url);
      upstream.push(token("ld", 3), { type: "stop", reason: "stop" });
      for (const reader of [second, first]) {
        await reader.readToEnd();
        const texts = reader.events.map(({ event }) =>
          event.type === "token" ? event.content : "",
        );
        expect(texts.join("")).toBe("Hello, world");
        const ids = reader.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
        expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
      }
      const list = await fetch(
        `${there.url}/api/llm/conversations/${request.conversationId}/streams`,
      );
      expect(await list.json()).toMatchObject({
        streams: [{ streamId: first.streamId, status: "ended", reason: "stop", lastId: 6 }],
      });
      // The relay that was only cut off finds out, and leaves the upstream.
      link.restore();
      await eventually(async () => expect(here.types()).toContain("stream_ended"));
      expect(upstream.asked).toEqual(["open", "job-1"]);
    });

    test("it can be cancelled where it is continued", async () => {
      const { link, upstream, here, there } = await startRelays();
      const reader = createReader();
      await reader.open(ask(`${here.url}/api/llm/stream`, request));
      upstream.push(token("Hel", 0));
      await reader.readTo(1);
      await reader.comeBack(there.url);
      await reader.readToNotice("live");
      link.cut();
      await eventually(async () => expect(upstream.asked).toEqual(["open", "job-1"]));
      const { status } = await fetch(streamAt(there.url, reader.streamId), { method: "DELETE" });
      expect(status).toBe(204);
      await reader.comeBack(there.url);
      await reader.readToEnd();
      expect(reader.events.at(-1)).toMatchObject({
        event: { type: "stop", reason: "cancelled" },
      });
      link.restore();
      await eventually(async () => expect(upstream.sinks.size).toBe(0));
    });
  },
);
