import type { WrittenEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { type CallPiece, ToolCalls } from "./tool-calls.ts";

const find = { callId: "a", name: "find" };

/** The events of these pieces, each with its index. */
function eventsOf(...pieces: readonly (readonly [index: unknown, piece: Partial<CallPiece>])[]) {
  const batch: WrittenEvent[] = [];
  const calls = new ToolCalls();
  for (const [index, piece] of pieces) {
    calls.add(index, { callId: "", name: "", argumentsDelta: "", ...piece }, batch);
  }
  calls.complete(batch);
  calls.complete(batch);
  return batch.map((event) => {
    const { type: _, ...fields } = event as { type: string };
    return fields;
  });
}

test("a call is its identity, its pieces, and its end, once", () => {
  expect(
    eventsOf([0, find], [0, { argumentsDelta: "{" }], [0, {}], [0, { argumentsDelta: "}" }]),
  ).toEqual([
    { ...find, argumentsDelta: "" },
    { ...find, argumentsDelta: "{" },
    { ...find, argumentsDelta: "}" },
    { ...find, isComplete: true },
  ]);
});

test("the identity of an index is fixed: servers make up ids for each piece", () => {
  expect(
    eventsOf([0, { ...find, argumentsDelta: "{" }], [0, { callId: "x", argumentsDelta: "}" }]),
  ).toEqual([
    { ...find, argumentsDelta: "{" },
    { ...find, argumentsDelta: "}" },
    { ...find, isComplete: true },
  ]);
  expect(eventsOf([0, find], [0, { ...find, name: "other", argumentsDelta: "{}" }])).toEqual([
    { ...find, argumentsDelta: "" },
    { ...find, argumentsDelta: "{}" },
    { ...find, isComplete: true },
  ]);
});

test("another id with a name is another call, also at the same index", () => {
  const other = { callId: "b", name: "find" };
  expect(eventsOf([0, { ...find, argumentsDelta: "{}" }], [0, other])).toEqual([
    { ...find, argumentsDelta: "{}" },
    { ...find, isComplete: true },
    { ...other, argumentsDelta: "" },
    { ...other, isComplete: true },
  ]);
});

test("calls whose pieces come in turns keep them apart", () => {
  const other = { callId: "b", name: "list" };
  const events = eventsOf(
    [0, find],
    [1, other],
    [0, { argumentsDelta: "[0]" }],
    [1, { argumentsDelta: "[1]" }],
  );
  for (const [callId, text] of [
    ["a", "[0]"],
    ["b", "[1]"],
  ]) {
    const own = events.filter((event) => "callId" in event && event.callId === callId);
    expect(own.map((event) => Object(event).argumentsDelta ?? "").join("")).toBe(text);
    expect(own.at(-1)).toMatchObject({ isComplete: true });
  }
});

test("a call without an id gets one", () => {
  expect(eventsOf([0, { name: "find" }], [1, { name: "list" }])).toMatchObject([
    { callId: "call_1", name: "find" },
    { callId: "call_1", isComplete: true },
    { callId: "call_2", name: "list" },
    { callId: "call_2", isComplete: true },
  ]);
});
