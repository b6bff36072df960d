import type { StreamEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { DirectLog } from "./direct-log.ts";
import type { LogBatch } from "./log-batch.ts";

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });
const stop: StreamEvent = { type: "stop", reason: "stop" };
const warning: StreamEvent = { type: "warning", code: "malformed_line" };

/** A log and the reader that follows it, which accepts data as long as `hasRoom` returns true. */
function openLog() {
  const seen: { firstId: number; events: readonly StreamEvent[] }[] = [];
  const state = { hasRoom: true, rooms: 0, ends: 0 };
  const log = new DirectLog({ onRoom: () => (state.rooms += 1) });
  log.follow({
    write({ firstId, events }: LogBatch) {
      seen.push({ firstId, events });
      return state.hasRoom;
    },
    end: () => (state.ends += 1),
  });
  return { log, seen, state };
}

test("it cannot be resumed", () => {
  expect(openLog().log.isResumable).toBe(false);
});

test("each append is pushed at once, with the id of its first event; a notice takes none", () => {
  const { log, seen } = openLog();
  log.resume();
  expect(log.append([warning, token("a"), warning])).toBe(true);
  expect(log.append([warning])).toBe(true);
  expect(log.append([token("b"), token("c")])).toBe(true);
  expect(seen).toEqual([
    { firstId: 1, events: [warning, token("a"), warning] },
    { firstId: 2, events: [warning] },
    { firstId: 2, events: [token("b"), token("c")] },
  ]);
});

test("before the reader begins it is full, and what waits comes as one batch", () => {
  const { log, seen, state } = openLog();
  const events = [token("a")];
  expect(log.append(events)).toBe(false);
  events.push(token("mine"));
  expect(log.append([token("b")])).toBe(false);
  expect(seen).toEqual([]);
  log.resume();
  expect(seen).toEqual([{ firstId: 1, events: [token("a"), token("b")] }]);
  expect(state.rooms).toBe(1);
});

test("a paused reader makes it full, until the reader resumes", () => {
  const { log, seen, state } = openLog();
  log.resume();
  state.hasRoom = false;
  expect(log.append([token("a")])).toBe(false);
  expect(log.append([token("b")])).toBe(false);
  // What waited fills the reader again: the writer is not asked to go on.
  log.resume();
  expect(state.rooms).toBe(1);
  state.hasRoom = true;
  log.resume();
  expect(state.rooms).toBe(2);
  expect(log.append([token("c")])).toBe(true);
  expect(seen.map(({ firstId }) => firstId)).toEqual([1, 2, 3]);
});

test("a terminal event closes it: it is pushed, then the end, and later appends are dropped", () => {
  const { log, seen, state } = openLog();
  log.append([token("a"), stop, token("late")]);
  expect(log.append([token("later")])).toBe(true);
  log.resume();
  expect(log.append([stop])).toBe(true);
  expect(seen).toEqual([{ firstId: 1, events: [token("a"), stop] }]);
  expect(state.ends).toBe(1);
});

test("a reader that has left gets nothing more, and never makes it full", () => {
  const { log, seen, state } = openLog();
  log.append([token("a")]);
  log.close();
  expect(log.append([token("b")])).toBe(true);
  log.resume();
  expect(seen).toEqual([]);
  expect(state.ends).toBe(0);
});

test("an append that the reader cannot take fails, and takes no id", () => {
  const seen: number[] = [];
  const log = new DirectLog({ onRoom() {} });
  log.follow({
    write(batch) {
      seen.push(batch.firstId);
      return batch.frames !== "";
    },
    end() {},
  });
  log.resume();
  expect(() => log.append([{ type: "big", content: "", index: 0, value: 1n }])).toThrow(TypeError);
  log.append([token("a")]);
  expect(seen).toEqual([1, 1]);
});

test("very many events may wait at once", () => {
  const { log, seen, state } = openLog();
  expect(log.append(Array.from({ length: 200_000 }, () => token("a")))).toBe(false);
  log.resume();
  expect(seen[0]?.events).toHaveLength(200_000);
  expect(state.ends).toBe(0);
});
