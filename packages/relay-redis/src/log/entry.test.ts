import type { StreamEvent } from "@gatestream/protocol";
import { describe, expect, test } from "vitest";
import { LogBatch } from "@gatestream/relay/parts";
import { comesAfter, entriesAfter, type EntryId, lastIdAt } from "./entry.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const warning: StreamEvent = { type: "warning", code: "malformed_line" };
const stop: StreamEvent = { type: "stop", reason: "stop" };

function idsAfter(previous: EntryId, firstId: number, ...events: StreamEvent[]): EntryId[] {
  return entriesAfter(previous, new LogBatch(firstId, events), 1_000).map(({ id }) => id);
}

describe("the id of an entry", () => {
  test("is the id of its last event", () => {
    expect(idsAfter("0-0", 1, token("a"), token("b"))).toEqual(["2-0"]);
    expect(idsAfter("2-3", 3, warning, token("c"), warning)).toEqual(["3-0"]);
    expect(lastIdAt("12-3")).toBe(12);
  });

  test("counts entries of notices alone after the last event", () => {
    expect(idsAfter("0-0", 1, warning)).toEqual(["0-1"]);
    expect(idsAfter("0-1", 1, warning)).toEqual(["0-2"]);
    expect(idsAfter("12-0", 13, warning, warning)).toEqual(["12-1"]);
    // What came in between is no longer kept.
    expect(idsAfter("12-4", 20, warning)).toEqual(["19-1"]);
  });

  test("says what comes after a place, by numbers and not by text", () => {
    expect(comesAfter("9-0", "10-0")).toBe(true);
    expect(comesAfter("10-0", "9-0")).toBe(false);
    expect(comesAfter("9-9", "9-10")).toBe(true);
    expect(comesAfter("9-1", "9-1")).toBe(false);
  });
});

describe("a batch as entries", () => {
  test("is what is read again, with its ids", () => {
    const events = [token("a"), warning, token("é"), stop];
    const [entry, ...others] = entriesAfter("4-0", new LogBatch(5, events), 1_000);
    expect(others).toEqual([]);
    expect(entry).toEqual({ id: "7-0", firstId: 5, events: JSON.stringify(events), isLast: true });
  });

  test("is cut into pieces that Redis can forget one by one, of an event at least", () => {
    const events = [token("a"), warning, token("b"), token("c".repeat(200)), warning, stop];
    const entries = entriesAfter("0-0", new LogBatch(1, events), 110);
    expect(entries.map(({ id }) => id)).toEqual(["1-0", "2-0", "3-0", "4-0"]);
    expect(entries.map(({ firstId }) => firstId)).toEqual([1, 2, 3, 4]);
    expect(entries.flatMap((entry) => JSON.parse(entry.events) as unknown)).toEqual(events);
    expect(entries.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  });

  test("leaves out what is no use to others, but keeps the ids", () => {
    const notResumable: StreamEvent = { type: "warning", code: "not_resumable" };
    const gap: StreamEvent = { type: "gap", from: 1, to: 4 };
    expect(idsAfter("0-0", 5, gap, notResumable)).toEqual([]);
    const [entry] = entriesAfter("0-0", new LogBatch(5, [gap, token("a")]), 1_000);
    expect(entry).toMatchObject({ id: "5-0", firstId: 5, events: JSON.stringify([token("a")]) });
  });

  test("a gateway's own event is not taken for the relay's word", () => {
    const event: StreamEvent = { type: "other", content: "", index: 0, code: "not_resumable" };
    expect(idsAfter("0-0", 1, event)).toEqual(["1-0"]);
  });
});
