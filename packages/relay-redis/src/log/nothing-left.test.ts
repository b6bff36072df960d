import { createHook } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, onTestFinished, test } from "vitest";
import { startRedis, whyNoRedis } from "@gatestream/testing/redis-server";
import {
  openStream,
  readAll,
  stop,
  token,
  write,
} from "../../../relay/src/log/contract/logs-under-test.ts";
import { twoRelays } from "./testing/relay-on-redis.ts";
import { eventually } from "@gatestream/testing/eventually";

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function heapBytes(): number {
  if (typeof collectGarbage === "function") collectGarbage();
  return process.memoryUsage().heapUsed;
}

const timers = new Map<number, { hasRef(): boolean }>();

// The test runner has timers of its own: only those of the log and its connections count.
const watch = createHook({
  init(id, type, _, timer) {
    if (type !== "Timeout" || !("hasRef" in timer)) return;
    const isOurs = /packages\/relay(?:-redis)?\/src\/(?:log|connection)\/[\w/-]+\.ts/.test(
      new Error("made").stack ?? "",
    );
    if (isOurs) timers.set(id, timer as { hasRef(): boolean });
  },
  destroy(id) {
    timers.delete(id);
  },
});

/** What would keep the process alive. */
function openHandles(): string[] {
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
  return [...sockets, ...[...timers.values()].filter((timer) => timer.hasRef()).map(() => "Timer")];
}

const streamBytes = 20_000;

async function runStreams(logs: Awaited<ReturnType<typeof twoRelays>>, count: number) {
  for (let started = 0; started < count; started += 50) {
    const streams = await Promise.all(Array.from({ length: 50 }, () => openStream(logs)));
    const readings = streams.flatMap(({ streamId, here, there }) => [
      readAll(here, streamId),
      readAll(there, streamId),
    ]);
    await Promise.all(
      streams.map(async ({ streamId, writer, here }) => {
        await here.claim(streamId, streamId);
        await write(writer, [token(streamId.repeat(streamBytes / streamId.length)), stop]);
      }),
    );
    await Promise.all(readings);
  }
}

describe.skipIf(whyNoRedis)(`a log on Redis ${whyNoRedis ?? ""}`, () => {
  test("holds nothing of a thousand streams that have ended, neither here nor there", async () => {
    await using server = await startRedis();
    const logs = await twoRelays(server.url);
    await runStreams(logs, 100);
    const before = heapBytes();
    await runStreams(logs, 1_000);
    // Mirrors stay for a moment without readers.
    await eventually(() => expect(heapBytes() - before).toBeLessThan(100 * streamBytes));
  });

  test("leaves no timer and no connection when it is closed", async () => {
    watch.enable();
    onTestFinished(() => void watch.disable());
    await using server = await startRedis();
    const { writing, reading, ...logs } = await twoRelays(server.url);
    const { streamId } = await openStream(logs);
    await logs.here.claim("key", "pending");
    const reader = readAll(logs.there, streamId);
    await Promise.all([logs.here.close(), logs.there.close()]);
    await reader;
    // What is left belongs to the connections that the logs were given.
    await eventually(() => expect(openHandles()).toEqual(["TCPSocketWrap", "TCPSocketWrap"]));
    await Promise.all([writing.redis.close(), reading.redis.close()]);
    await eventually(() => expect(openHandles()).toEqual([]));
  });
});
