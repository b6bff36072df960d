import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { ask } from "@gatestream/testing/ask";
import { createReader } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays } from "@gatestream/testing/two-relays";
import { askForWhole, everyId, expectWhole, lastId } from "@gatestream/testing/whole-answer";

const readerCount = 1_000;
const streamCount = 200;

/** What one connected reader may take: both ends of its connection live in this process. */
const maxReaderBytes = 64 * 1024;
/** What may stay of all of them together once they have gone: caches, grown tables. */
const maxLeftBytes = 8 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** One connection of a reader that looks at nothing but ids. */
interface RawReader {
  readonly socket: Socket;
  ids(): readonly number[];
  /** Once the event with this id is there. */
  until(id: number): Promise<void>;
  untilClosed(): Promise<void>;
}

async function follow(url: string, streamId: string, after: number): Promise<RawReader> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    received += piece;
  });
  const head = `GET /api/llm/stream/${streamId}?after=${after} HTTP/1.1\r\nHost: localhost\r\n`;
  socket.write(`${head}Connection: close\r\n\r\n`);
  await once(socket, "connect");
  return {
    socket,
    ids: () => [...received.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)),
    async until(id) {
      const isThere = (): boolean => id === 0 || received.includes(`\nid: ${id}\n`);
      while (!isThere()) await once(socket, "data");
    },
    async untilClosed() {
      if (!socket.closed) await once(socket, "close");
    },
  };
}

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);
process.on("warning", onWarning);
afterAll(() => void process.off("warning", onWarning));

describeEachLog("a storm of readers", (kind) => {
  test("of one stream, all cut and all back at once, gets every event", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const { here, there, gateway } = relays;
    const first = createReader();
    await first.open(ask(here.streamUrl, askForWhole));
    const { streamId } = first;
    const before = Array.from({ length: readerCount }, () => follow(there.url, streamId, 0));
    const said = 6;
    await gateway.release(said);
    const had = await Promise.all(
      before.map(async (reader, index) => {
        const { socket, until } = await reader;
        const cursor = index % (said + 1);
        await until(cursor);
        socket.destroy();
        return cursor;
      }),
    );
    // Here is who reads from the beginning; the storm comes and goes.
    await first.readTo(said);
    const usedBefore = usedBytes();
    const after = await Promise.all(had.map((cursor) => follow(there.url, streamId, cursor)));
    await Promise.all(after.map(({ until }, index) => until(had[index] === said ? 0 : said)));
    expect((usedBytes() - usedBefore) / readerCount).toBeLessThan(maxReaderBytes);
    await gateway.release(lastId);
    await Promise.all(after.map(({ untilClosed }) => untilClosed()));
    for (const [index, reader] of after.entries()) {
      expect(reader.ids()).toEqual(everyId.slice(had[index]));
    }
    after.length = 0;
    await first.readToEnd();
    expectWhole(first);
    expect(gateway.chatCount).toBe(1);
    // Such as that too many listen to one signal.
    expect(warnings).toEqual([]);
    expect(usedBytes() - usedBefore).toBeLessThan(maxLeftBytes);
  });

  test("of as many streams, each cut and back at once, gets every event", async () => {
    await using relays = await startRelays(kind);
    const { here, there, gateway } = relays;
    const readers = await Promise.all(
      Array.from({ length: streamCount }, async (_, index) => {
        const reader = createReader();
        await reader.open(ask(here.streamUrl, askForWhole));
        await reader.readTo(index % lastId);
        reader.cut();
        return reader;
      }),
    );
    await Promise.all(
      readers.map(async (reader, index) => {
        await reader.comeBack(index % 2 === 0 ? here.url : there.url);
        await reader.readToEnd();
        expectWhole(reader);
      }),
    );
    expect(gateway.chatCount).toBe(streamCount);
  });
});
