import { expect, test } from "vitest";
import { ask, question, replyTo } from "@gatestream/testing/ask";
import { createReader, streamAt, type ResumingReader } from "@gatestream/testing/resuming-reader";
import { describeEachLog, startRelays, type RelaysUnderTest } from "@gatestream/testing/two-relays";
import { idsOf, noticesOf } from "@gatestream/testing/whole-answer";

const tokenCount = 60;
const lastId = tokenCount + 1;
const asked = { ...question(`/scenario many-tokens ${tokenCount}`), onDisconnect: "detach" };
/** A limit of about twenty events. */
const limits = { maxLogBytes: 1_024, gateway: { hold: "pieces" } } as const;

/** A stream of which `pieces` have been said, one by one; its first reader has them all. */
async function startStream(
  { here, gateway }: RelaysUnderTest,
  pieces: number,
): Promise<ResumingReader> {
  const reader = createReader();
  await reader.open(ask(here.streamUrl, asked));
  for (let id = 1; id <= pieces; id += 1) {
    await gateway.release();
    await reader.readTo(id);
    await untilStored(here.url);
  }
  return reader;
}

/**
 * Until Redis has what readers of this relay have. It answers commands in order, so before the first
 * refusal it has what was sent already, and before the second what waited for that.
 */
async function untilStored(url: string): Promise<void> {
  for (let asks = 0; asks < 2; asks += 1) {
    const { status } = await replyTo(ask(streamAt(url, "unknown"), undefined, { method: "GET" }));
    expect(status).toBe(404);
  }
}

/** What a reader that has `after` gets first, and the ids that follow. */
function reported(reader: ResumingReader) {
  const gap = reader.events.find(({ name }) => name === "gap");
  const place = gap === undefined ? -1 : reader.events.indexOf(gap);
  return { gap: gap?.event as { from: number; to: number } | undefined, place };
}

function idsFrom(first: number): number[] {
  return Array.from({ length: lastId + 1 - first }, (_, index) => first + index);
}

describeEachLog("a stream that is longer than what is kept of it", (kind) => {
  test("a reader that reconnects gets the gap first; its ids are true", async () => {
    await using relays = await startRelays(kind, limits);
    const first = await startStream(relays, lastId);
    expect(idsOf(first)).toEqual(idsFrom(1));
    expect(noticesOf(first)).toEqual(["start"]);
    for (const { url } of [relays.here, relays.there]) {
      const kept = createReader(first.streamId);
      await kept.comeBack(url);
      await kept.readToEnd();
      const [firstKept = 0] = idsOf(kept);
      // Some is missing, and not everything.
      expect(firstKept).toBeGreaterThan(20);
      expect(firstKept).toBeLessThan(lastId - 5);
      for (let after = 0; after < lastId; after += 1) {
        const reader = createReader(first.streamId);
        const target = `${streamAt(url, first.streamId)}?after=${after}`;
        await reader.open(ask(target, undefined, { method: "GET" }));
        await reader.readToEnd();
        const { gap, place } = reported(reader);
        if (after + 1 < firstKept) {
          expect(gap).toEqual({ type: "gap", from: after + 1, to: firstKept - 1 });
          // After `start`, before everything else.
          expect(place).toBe(1);
        } else {
          expect(gap).toBeUndefined();
        }
        expect(idsOf(reader)).toEqual(idsFrom(Math.max(after + 1, firstKept)));
      }
    }
  });

  test("marks the replay's end after the gap, while the stream continues", async () => {
    await using relays = await startRelays(kind, limits);
    const first = await startStream(relays, lastId - 1);
    const reader = createReader(first.streamId);
    await reader.comeBack(relays.there.url);
    await reader.readToNotice("live");
    expect(noticesOf(reader)).toEqual(["start", "gap", "live"]);
    expect(reader.cursor).toBe(lastId - 1);
    await relays.gateway.release();
    await reader.readToEnd();
    const { gap } = reported(reader);
    expect(gap?.from).toBe(1);
    expect(idsOf(reader)).toEqual(idsFrom((gap?.to ?? 0) + 1));
  });
});
