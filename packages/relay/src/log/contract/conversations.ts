import { randomUUID } from "node:crypto";
import type { StreamEvent, TerminalEvent } from "@gatestream/protocol";
import * as fc from "fast-check";
import { assert, describe, expect, test } from "vitest";
import { eventually } from "@gatestream/testing/eventually";
import type { FoundStream, LogWriter, ResumableLog, StreamFacts } from "../event-log.ts";
import {
  cancelled,
  type ConnectedLogs,
  ends,
  listenerOf,
  type MakeLogs,
  openLogs,
  stop,
  token,
  write,
} from "./logs-under-test.ts";

const failed: TerminalEvent = {
  type: "error",
  code: "gateway_interrupted",
  message: "It was cut.",
  retryable: true,
  requestId: "r-1",
};

async function open(
  { here }: ConnectedLogs,
  facts: StreamFacts,
): Promise<{ readonly streamId: string; readonly writer: LogWriter }> {
  const streamId = randomUUID();
  return { streamId, writer: await here.create(streamId, facts, listenerOf()) };
}

/** The streams of a conversation, the first that began first. */
async function streamsIn(log: ResumableLog, conversationId: string): Promise<FoundStream[]> {
  assert(log.findByConversation !== undefined, "streams are found by their conversation");
  const found = await log.findByConversation(conversationId);
  return found.toSorted((one, other) => (one.startedAt ?? 0) - (other.startedAt ?? 0));
}

export function testConversations(makeLogs: MakeLogs): void {
  describe.each(ends)("from %s", (end) => {
    test("the streams of a conversation are found, of all owners, and no others", async () => {
      const logs = await openLogs(makeLogs);
      const [mine, other] = [randomUUID(), randomUUID()];
      const first = await open(logs, { subject: "ada", conversationId: mine, startedAt: 1 });
      await open(logs, { subject: "ada", conversationId: other, startedAt: 2 });
      await open(logs, { subject: "ada" });
      const second = await open(logs, { subject: "eve", conversationId: mine, startedAt: 3 });
      await write(first.writer, [token("a")], [stop]);
      const facts = { conversationId: mine, isEndedElsewhere: undefined };
      await eventually(async () => {
        expect(await streamsIn(logs[end], mine)).toEqual([
          {
            ...facts,
            streamId: first.streamId,
            subject: "ada",
            startedAt: 1,
            lastId: 2,
            isClosed: true,
            reason: "stop",
          },
          {
            ...facts,
            streamId: second.streamId,
            subject: "eve",
            startedAt: 3,
            lastId: 0,
            isClosed: false,
          },
        ]);
      });
      expect(await streamsIn(logs[end], "nobody's")).toEqual([]);
    });

    test.each<[string, StreamEvent, string]>([
      ["of its stop", stop, "stop"],
      ["of an error, its code", failed, "gateway_interrupted"],
    ])("a stream that has ended is known with the reason %s", async (_, terminal, reason) => {
      const logs = await openLogs(makeLogs);
      const facts = { subject: "ada", conversationId: randomUUID(), startedAt: 7 };
      const { streamId, writer } = await open(logs, facts);
      await write(writer, [token("a"), terminal]);
      await eventually(async () => {
        const found = { ...facts, lastId: 2, isClosed: true, reason };
        expect(await logs[end].find(streamId)).toEqual(found);
        expect(await streamsIn(logs[end], facts.conversationId)).toEqual([{ ...found, streamId }]);
      });
    });

    test("one that is cancelled is known as such", async () => {
      const logs = await openLogs(makeLogs);
      const conversationId = randomUUID();
      const { streamId } = await open(logs, { subject: "ada", conversationId });
      await logs[end].cancel(streamId);
      const found = { isClosed: true, reason: "cancelled" };
      await eventually(async () => {
        for (const log of [logs.here, logs.there]) {
          expect(await log.find(streamId)).toMatchObject(found);
          expect(await streamsIn(log, conversationId)).toMatchObject([found]);
        }
      });
    });

    test("one that is forgotten is found no more, and the others are", async () => {
      const logs = await openLogs(makeLogs, { retainClosedMs: 100 });
      const conversationId = randomUUID();
      const running = await open(logs, { subject: "ada", conversationId });
      const { writer } = await open(logs, { subject: "ada", conversationId });
      await write(writer, [token("a"), stop]);
      await eventually(async () => {
        const found = await streamsIn(logs[end], conversationId);
        expect(found.map(({ streamId }) => streamId)).toEqual([running.streamId]);
      });
    });
  });

  test("whoever starts, ends, cancels or discards streams: each is found where it belongs", async () => {
    const logs = await openLogs(makeLogs);
    const step = fc.record({
      subject: fc.constantFrom("ada", "eve", ""),
      conversation: fc.constantFrom(undefined, 0, 1, 2),
      tokens: fc.nat(2),
      ending: fc.constantFrom(undefined, stop, failed, cancelled, "discard" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const ids = [randomUUID(), randomUUID(), randomUUID()];
        const due: (readonly object[])[] = ids.map(() => []);
        for (const [index, { subject, conversation, tokens, ending }] of steps.entries()) {
          const conversationId = conversation === undefined ? undefined : ids[conversation];
          const facts = { subject, conversationId, startedAt: index };
          const { streamId, writer } = await open(logs, facts);
          await write(
            writer,
            Array.from({ length: tokens }, () => token("a")),
          );
          if (ending === "discard") writer.discard?.(failed);
          else if (ending === cancelled) await logs.there.cancel(streamId);
          else if (ending !== undefined) await write(writer, [ending]);
          const isKept = ending !== "discard" || writer.discard === undefined;
          if (conversation === undefined || !isKept) continue;
          const isClosed = ending !== undefined;
          due[conversation] = [...(due[conversation] ?? []), { streamId, ...facts, isClosed }];
        }
        await eventually(async () => {
          for (const end of ends) {
            for (const [index, id] of ids.entries()) {
              const found = await streamsIn(logs[end], id);
              expect(found).toHaveLength(due[index]?.length ?? 0);
              expect(found).toMatchObject(due[index] ?? []);
            }
          }
        });
      }),
      { numRuns: 30 },
    );
  });
}
