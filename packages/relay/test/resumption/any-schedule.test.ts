import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ask } from "@gatestream/testing/ask";
import {
  createReader,
  type CursorIn,
  type ResumingReader,
} from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays, type RelaysUnderTest } from "@gatestream/testing/two-relays";
import { askForWhole, expectWhole, lastId } from "@gatestream/testing/whole-answer";

/** One thing that happens: the gateway says something, or a reader loses its connection and returns. */
type Step =
  | { readonly type: "release"; readonly pieces: number }
  | {
      readonly type: "return";
      readonly reader: number;
      /** How many of the events that are there it takes before. */
      readonly takes: number;
      readonly to: "here" | "there";
      readonly cursorIn: CursorIn;
    };

const readerCount = 3;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant("release" as const), pieces: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    type: fc.constant("return" as const),
    reader: fc.nat(readerCount - 1),
    takes: fc.nat(5),
    to: fc.constantFrom("here" as const, "there" as const),
    cursorIn: fc.constantFrom<CursorIn>("Last-Event-ID", "after"),
  }),
);

async function startReaders({ here, there }: RelaysUnderTest): Promise<ResumingReader[]> {
  const first = createReader();
  await first.open(ask(here.streamUrl, askForWhole));
  const others = Array.from({ length: readerCount - 1 }, () => createReader(first.streamId));
  await Promise.all(others.map((reader) => reader.comeBack(there.url)));
  return [first, ...others];
}

async function play(relays: RelaysUnderTest, steps: readonly Step[]): Promise<void> {
  const { gateway } = relays;
  const readers = await startReaders(relays);
  let said = 0;
  const say = async (pieces: number): Promise<void> => {
    if (said === lastId) return;
    await gateway.release(Math.min(pieces, lastId - said));
    said = Math.min(lastId, said + pieces);
  };
  for (const one of steps) {
    const reader = one.type === "return" ? readers[one.reader] : undefined;
    if (one.type === "release") {
      await say(one.pieces);
    } else if (reader !== undefined && reader.cursor < lastId) {
      await reader.readTo(Math.min(said, reader.cursor + one.takes));
      reader.cut();
      const response = await reader.comeBack(relays[one.to].url, one.cursorIn);
      expect(response.statusCode).toBe(reader.cursor === lastId ? 204 : 200);
    }
  }
  await say(lastId);
  await Promise.all(readers.map((reader) => reader.readToEnd()));
  for (const reader of readers) expectWhole(reader);
}

describeEachLog("readers that are cut at any moment, and return to any relay", (kind) => {
  test("get everything once, in order, of one answer", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const schedules = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const asked = relays.gateway.chatCount;
      await play(relays, steps);
      expect(relays.gateway.chatCount).toBe(asked + 1);
    });
    await fc.assert(schedules, { numRuns: 40 });
  });
});
