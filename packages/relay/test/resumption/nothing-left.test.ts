import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { createMemoryLog } from "../../src/log/memory-log.ts";
import { sseFormat } from "../../src/http/sse.ts";
import { readKept } from "../../src/stream/read-kept.ts";
import { createStreams } from "../../src/stream/streams.ts";
import { HttpReader } from "../../src/http/response-reader.ts";
import { ask, question, responseTo } from "@gatestream/testing/ask";
import { startHost } from "@gatestream/testing/host";
import { askPoll, poll } from "@gatestream/testing/long-poll";
import { watchHandles } from "@gatestream/testing/open-handles";
import { createReader } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays, type RelaysUnderTest } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";
import { eventually } from "@gatestream/testing/eventually";

const openHandles = watchHandles();
const get = { method: "GET" };

/** One whose readers leave in the middle, on both relays, and reconnect for the rest. */
async function cutAndResume({ here, there, gateway }: RelaysUnderTest): Promise<void> {
  const reader = createReader();
  await reader.open(ask(here.streamUrl, askForWhole));
  const other = createReader(reader.streamId);
  await other.comeBack(there.url);
  await gateway.release(5);
  for (const one of [reader, other]) {
    await one.readTo(5);
    one.cut();
    await one.comeBack(there.url);
  }
  await gateway.release(lastId);
  for (const one of [reader, other]) {
    await one.readToEnd();
    expectWhole(one);
  }
}

/** One whose reader never reconnects, one that never had a reader, one that is cancelled. */
async function abandon({ here, there, gateway }: RelaysUnderTest): Promise<void> {
  const asking = ask(here.streamUrl, askForWhole);
  await responseTo(asking);
  asking.destroy();
  const headers = { Prefer: "respond-async" };
  (await responseTo(ask(here.streamUrl, askForWhole, { headers }))).resume();
  const reader = createReader();
  await reader.open(ask(here.streamUrl, askForWhole));
  const target = `${there.streamUrl}/${reader.streamId}`;
  const polling = askPoll(target, { wait: 60 });
  await once(polling, "finish");
  await poll(target, { wait: 0 });
  polling.destroy();
  (await responseTo(ask(target, undefined, { method: "DELETE" }))).resume();
  await reader.readToEnd();
  await eventually(() => {
    const chats = gateway.emulator.calls.filter(({ kind }) => kind === "chat");
    expect(chats.filter(({ state }) => state === "open")).toEqual([]);
  });
}

/** Starts that come to nothing. */
async function refuse({ here, gateway }: RelaysUnderTest): Promise<void> {
  const headers = { "Idempotency-Key": "my-key-0123456789" };
  const body = { ...question("/scenario bad-request"), onDisconnect: "detach" };
  gateway.hold(undefined);
  (await responseTo(ask(here.streamUrl, body, { headers }))).resume();
  (await responseTo(ask(`${here.streamUrl}/${"A".repeat(22)}`, undefined, get))).resume();
}

describeEachLog("after all its streams are over", (kind) => {
  test("a relay stops at once, and nothing is left that would keep the process alive", async () => {
    {
      await using relays = await startRelays(kind, {
        // A stream that runs would hold up the stop for longer than a test may take.
        shutdownGraceMs: 600_000,
        orphanGraceMs: 100,
        gateway: { hold: "pieces" },
      });
      await cutAndResume(relays);
      await abandon(relays);
      await refuse(relays);
      expect(await openHandles()).toContain("TCPServerWrap");
      await relays.here.relay.close();
      const started = relays.here.observed.filter(({ type }) => type === "stream_started");
      const ended = relays.here.observed.filter(({ type }) => type === "stream_ended");
      expect([started.length, ended.length]).toEqual([5, 5]);
    }
    await eventually(async () => expect(await openHandles()).toEqual([]));
  });
});

test.each(["leaves", "reads to the end", "is sent away", "is too late"])(
  "a reader who %s leaves nothing behind at what outlives it",
  async (how) => {
    const log = createMemoryLog({
      maxLogBytes: 1_048_576,
      maxTotalLogBytes: 1_048_576,
      retainClosedMs: 600_000,
    });
    // As one that other relays have too: a stop sends its readers to them.
    const shared = { ...log, isShared: true };
    const listeners = new Set<() => void>();
    const streams = createStreams();
    const whenDraining = (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    const left: string[] = [];
    const readers = {
      isEmpty: true,
      join: () => () => void left.push("readers"),
      close() {},
    };
    const stream = streams.enter({ streamId: "s-1", owner: "ada", readers });
    const writer = await log.create("s-1", { subject: "ada" }, { onRoom() {}, onClosed() {} });
    const done = new EventEmitter();
    await using host = await startHost((_, response) => {
      const reader = new HttpReader(response, {
        requestId: "r-1",
        format: sseFormat,
        expiresAt: how === "is sent away" ? Date.now() - 1 : undefined,
        maxBufferedBytes: 1_024,
        slowConsumerTimeoutMs: 60_000,
      });
      const streamId = how === "is too late" ? "s-2" : "s-1";
      const relay = {
        log: shared,
        streams: { ...streams, isDraining: false, whenDraining },
        heartbeatMs: 60_000,
        firstByteGraceMs: 60_000,
        orphanGraceMs: 60_000,
        observe() {},
      };
      readKept(relay, shared, {
        streamId,
        after: 0,
        resumable: true,
        owner: "",
        reader,
      })
        .catch(() => reader.drop())
        .finally(() => done.emit("done"));
      if (how === "reads to the end") writer.append([{ type: "stop", reason: "stop" }]);
    });
    const over = once(done, "done");
    const asking = ask(host.url, undefined, get);
    if (how === "leaves") {
      await responseTo(asking);
      asking.destroy();
    } else if (how !== "is too late") {
      (await responseTo(asking)).resume();
    }
    await over;
    expect(listeners.size).toBe(0);
    expect(left).toEqual(how === "is too late" ? [] : ["readers"]);
    stream.leave();
    // It would wait for a reader who has not left.
    await streams.drain(600_000);
    await log.close();
  },
);
