import type { StreamEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { createDirectLog } from "./direct/direct-log.ts";
import { createQueueNotices } from "./queue-notices.ts";

const queued = (position: number): StreamEvent => ({ type: "queued", position });
const stop: StreamEvent = { type: "stop", reason: "stop" };

/** Notices in a log that holds back its writer, and the reader's side of it. */
async function noticesUnderTest() {
  const log = createDirectLog();
  const writer = await log.create("stream-1", { subject: "ada" });
  const { signal } = new AbortController();
  const events = await log.follow("stream-1", { after: 0, signal });
  const batches = events?.[Symbol.asyncIterator]();
  return {
    ...createQueueNotices(writer),
    writer,
    async read(): Promise<readonly StreamEvent[]> {
      const batch = await batches?.next();
      // Whoever waits for room hears of it in a turn of its own.
      await new Promise(setImmediate);
      return batch?.done ? [] : (batch?.value.events ?? []);
    },
  };
}

test("nobody hears of a place before there is a reader, who then hears the present one", async () => {
  const notices = await noticesUnderTest();
  notices.update(3);
  notices.update(2);
  notices.open();
  expect(await notices.read()).toEqual([queued(2)]);
});

test("who never had to wait hears nothing, nor does one whose turn has come", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(0);
  notices.writer.append([stop]);
  expect(await notices.read()).toEqual([stop]);
  const late = await noticesUnderTest();
  late.update(1);
  late.update(0);
  late.open();
  late.writer.append([stop]);
  expect(await late.read()).toEqual([stop]);
});

test("a reader that keeps up hears every place", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  for (const position of [3, 2, 1]) {
    notices.update(position);
    expect(await notices.read()).toEqual([queued(position)]);
  }
});

test("a reader that is behind hears the latest place: what waits for it stays small", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  for (let position = 1000; position >= 1; position -= 1) notices.update(position);
  expect(await notices.read()).toEqual([queued(1000), queued(999)]);
  expect(await notices.read()).toEqual([queued(1)]);
});

test("its turn is told at once, or not at all by a log that is full: the answer comes next", async () => {
  const notices = await noticesUnderTest();
  notices.open();
  notices.update(1);
  expect(await notices.read()).toEqual([queued(1)]);
  notices.update(0);
  expect(await notices.read()).toEqual([queued(0)]);

  const behind = await noticesUnderTest();
  behind.open();
  for (const position of [2, 1, 0]) behind.update(position);
  expect(await behind.read()).toEqual([queued(2), queued(1)]);
  behind.writer.append([stop]);
  expect(await behind.read()).toEqual([stop]);
});
