import { describe, expect, test } from "vitest";
import { ask, refusalIn, replyTo } from "@gatestream/testing/ask";
import { whyNoRedis } from "@gatestream/testing/redis-server";
import {
  createReader,
  streamAt,
  type CursorIn,
  type ResumingReader,
} from "@gatestream/testing/resuming-reader";
import {
  describeEachLog,
  startRelays,
  startTwoRelays,
  type RelaysUnderTest,
} from "@gatestream/testing/two-relays";
import {
  askForWhole,
  everyId,
  expectWhole,
  idsOf,
  lastId,
  noticesOf,
} from "@gatestream/testing/whole-answer";

/** On which relay a reader reconnects, one after the other. */
type Way = readonly ("here" | "there")[];

const ways: readonly (readonly [name: string, way: Way, cursorIn: CursorIn])[] = [
  ["on the same relay, with Last-Event-ID", ["here"], "Last-Event-ID"],
  ["on the same relay, with ?after=", ["here"], "after"],
  ["on the other relay, with Last-Event-ID", ["there"], "Last-Event-ID"],
  ["on the other relay, with ?after=", ["there"], "after"],
  ["twice in a row, first on the other relay", ["there", "here"], "Last-Event-ID"],
  ["twice in a row, first on the same relay", ["here", "there"], "after"],
];

/** A cut before the first event, after each of them, and after the end. */
const everyCut = [0, ...everyId];

/** Reconnects, reads a little further each time, and to the end the last time. */
async function readRest(
  { here, there }: RelaysUnderTest,
  reader: ResumingReader,
  { way, cursorIn, step }: { way: Way; cursorIn: CursorIn; step: number },
): Promise<void> {
  for (const [index, place] of way.entries()) {
    const { url } = place === "here" ? here : there;
    const response = await reader.comeBack(url, cursorIn);
    if (reader.cursor === lastId) {
      expect(response.statusCode).toBe(204);
      return;
    }
    expect(response.statusCode).toBe(200);
    if (index === way.length - 1) {
      await reader.readToEnd();
    } else {
      await reader.readTo(Math.min(lastId, reader.cursor + step));
      reader.cut();
    }
  }
}

describeEachLog("a stream that is cut after any number of events", (kind) => {
  test.each(ways)("is resumed %s, when it came in one piece", async (_, way, cursorIn) => {
    await using relays = await startRelays(kind);
    for (const cutAfter of everyCut) {
      const reader = createReader();
      await reader.open(ask(relays.here.streamUrl, askForWhole));
      await reader.readToNotice("start");
      await reader.readTo(cutAfter);
      reader.cut();
      await readRest(relays, reader, { way, cursorIn, step: 2 });
      expectWhole(reader);
    }
    expect(relays.gateway.chatCount).toBe(everyCut.length);
  });

  test.each(ways)("is resumed %s, while it goes on", async (_, way, cursorIn) => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const { gateway } = relays;
    for (const cutAfter of everyCut) {
      const reader = createReader();
      await reader.open(ask(relays.here.streamUrl, askForWhole));
      await reader.readToNotice("start");
      if (cutAfter > 0) await gateway.release(cutAfter);
      await reader.readTo(cutAfter);
      reader.cut();
      // Some more without a reader, one alone while it reconnects, then the rest.
      const away = Math.min(cutAfter % 3, lastId - cutAfter);
      if (away > 0) await gateway.release(away);
      const rest = readRest(relays, reader, { way, cursorIn, step: 1 });
      if (cutAfter + away < lastId) await gateway.release();
      if (cutAfter + away + 1 < lastId) await gateway.release(lastId);
      await rest;
      expectWhole(reader);
    }
    expect(gateway.chatCount).toBe(everyCut.length);
  });

  test("is resumed by two readers at once, each from its own event", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const { here, there, gateway } = relays;
    const cuts = everyCut.slice(0, -1);
    for (const cutAfter of cuts) {
      const first = createReader();
      await first.open(ask(here.streamUrl, askForWhole));
      const second = createReader(first.streamId);
      await second.comeBack(there.url);
      if (cutAfter > 0) await gateway.release(cutAfter);
      await Promise.all([first.readTo(cutAfter), second.readTo(Math.floor(cutAfter / 2))]);
      first.cut();
      second.cut();
      await Promise.all([first.comeBack(there.url), second.comeBack(here.url, "after")]);
      await gateway.release(lastId);
      await Promise.all([first.readToEnd(), second.readToEnd()]);
      expectWhole(first);
      expectWhole(second);
    }
    expect(gateway.chatCount).toBe(cuts.length);
  });

  test("marks the boundary between replayed and live events", async () => {
    await using relays = await startRelays(kind, { gateway: { hold: "pieces" } });
    const { here, there, gateway } = relays;
    const reader = createReader();
    await reader.open(ask(here.streamUrl, askForWhole));
    await gateway.release(5);
    await reader.readTo(2);
    reader.cut();
    // Events may be on their way to the other relay: it has them all before it is asked.
    const other = createReader(reader.streamId);
    await other.comeBack(there.url);
    await other.readTo(5);
    await reader.comeBack(there.url);
    await reader.readToNotice("live");
    await gateway.release(lastId);
    await reader.readToEnd();
    const rest = everyId.slice(5).map(String);
    expect(reader.events.map(({ name, id }) => name ?? id)).toEqual(
      ["start", "1", "2", "start", "3", "4", "5", "live"].concat(rest),
    );
    expect(noticesOf(other)).toEqual(["start"]);
    await other.readToEnd();
    expectWhole(other);
  });

  test("has nothing more after its end, and no such event behind it", async () => {
    await using relays = await startRelays(kind);
    const reader = createReader();
    await reader.open(ask(relays.here.streamUrl, askForWhole));
    await reader.readToEnd();
    for (const { url } of [relays.here, relays.there]) {
      const target = streamAt(url, reader.streamId);
      const get = { method: "GET" };
      const nothing = await replyTo(ask(`${target}?after=${lastId}`, undefined, get));
      expect([nothing.status, nothing.text]).toEqual([204, ""]);
      const behind = await replyTo(ask(`${target}?after=${lastId + 1}`, undefined, get));
      expect([behind.status, refusalIn(behind).code]).toEqual([409, "cursor_unknown"]);
    }
  });
});

describe.skipIf(whyNoRedis)(`a cursor that is ahead of what Redis has ${whyNoRedis ?? ""}`, () => {
  test("is followed on the other, and refused by the one that writes the stream", async () => {
    await using relays = await startTwoRelays({ gateway: { hold: "pieces" } });
    const { here, there, gateway } = relays;
    const first = createReader();
    await first.open(ask(here.streamUrl, askForWhole));
    await gateway.release(3);
    await first.readTo(3);
    // A reader who has had four, of which the last is still on its way to Redis.
    const get = { method: "GET" };
    const ahead = createReader();
    await ahead.open(ask(`${streamAt(there.url, first.streamId)}?after=4`, undefined, get));
    await ahead.readToNotice("live");
    // The relay that writes it knows better: there is no fourth yet.
    const refused = await replyTo(
      ask(`${streamAt(here.url, first.streamId)}?after=4`, undefined, get),
    );
    expect(refusalIn(refused).code).toBe("cursor_unknown");
    await gateway.release(lastId);
    await ahead.readToEnd();
    expect(idsOf(ahead)).toEqual(everyId.slice(4));
  });
});
