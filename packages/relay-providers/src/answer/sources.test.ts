import type { WrittenEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { Sources } from "./sources.ts";

const a = { url: "https://example.com/a" };
const b = { url: "https://example.com/b", title: "B" };

function told(work: (sources: Sources, batch: WrittenEvent[]) => void) {
  const batch: WrittenEvent[] = [];
  work(new Sources(), batch);
  return batch;
}

test("a list that is repeated and grows is told once, by its places", () => {
  const events = told((sources, batch) => {
    sources.list([a], batch);
    sources.list([a], batch);
    sources.list([a, b, a], batch);
  });
  expect(events).toEqual([
    { type: "source", sourceId: "1", ...a },
    { type: "source", sourceId: "2", ...b },
    { type: "source", sourceId: "3", ...a },
  ]);
});

test("a source is told again for another place in the text, and not for the same", () => {
  const events = told((sources, batch) => {
    sources.add({ ...a, from: 0, to: 4 }, batch);
    sources.add({ ...a, from: 0, to: 4 }, batch);
    sources.add({ ...a, from: 5, to: 9 }, batch);
  });
  expect(events).toEqual([
    { type: "source", sourceId: "1", ...a, from: 0, to: 4 },
    { type: "source", sourceId: "2", ...a, from: 5, to: 9 },
  ]);
});

test("what a list has is not told again, and ids stay unique", () => {
  const listedFirst = told((sources, batch) => {
    sources.list([a], batch);
    sources.add({ ...a, from: 0, to: 4 }, batch);
    sources.add(b, batch);
  });
  expect(listedFirst).toMatchObject([
    { sourceId: "1", ...a },
    { sourceId: "2", ...b },
  ]);
  const listedLast = told((sources, batch) => {
    sources.add(b, batch);
    sources.list([a, b], batch);
  });
  const ids = listedLast.map((event) => Object(event).sourceId);
  expect(new Set(ids).size).toBe(3);
});
