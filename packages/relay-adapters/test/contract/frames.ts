import { isNotice, type StreamEvent } from "@gatestream/protocol";
import type { AdapterFormat } from "@gatestream/relay";
import * as fc from "fast-check";
import { assert, expect, test } from "vitest";
import type { AdapterKind } from "../describe-adapter.ts";
import { answers, start, terminals } from "./event-sequences.ts";
import { readSse, type Frame } from "./read-frames.ts";

/** What a reader gets of events that come in batches of these sizes, the rest in one. */
export function encode(
  format: AdapterFormat,
  events: readonly StreamEvent[],
  sizes: readonly number[] = [],
): string {
  let text = format.begin(start);
  let id = 1;
  let from = 0;
  for (const size of [...sizes, events.length]) {
    const batch = events.slice(from, from + size);
    if (batch.length === 0) continue;
    text += format.encode(batch, id);
    id += batch.filter((event) => !isNotice(event)).length;
    from += size;
    if (format.isOver === true) break;
  }
  return text;
}

/** Exactly one end, and nothing behind it but `[DONE]`. */
export function expectOneEnd(kind: AdapterKind, frames: readonly Frame[]): "whole" | "failed" {
  const isMarked = frames.at(-1)?.value === "[DONE]" && kind.endIn("[DONE]") === undefined;
  const ends = frames.slice(0, isMarked ? -1 : undefined).map(({ value }) => kind.endIn(value));
  const last = ends.pop();
  expect(ends.filter((end) => end !== undefined)).toEqual([]);
  assert(last !== undefined, "It has no end.");
  return last;
}

/** Formats differ in what these are: nobody waits for the rest. */
function isLeft(reason: unknown): boolean {
  return reason === "cancelled" || reason === "abandoned";
}

const runs = { numRuns: 60 };
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 });

export function testFrames(kind: AdapterKind): void {
  const read = kind.readFrames ?? readSse;
  const whole = (events: readonly StreamEvent[]): readonly Frame[] =>
    read(encode(kind.createFormat(), events));

  test.each(terminals.map((terminal) => [JSON.stringify(terminal), terminal] as const))(
    "an answer has exactly one end, whatever it is: %s",
    (_, terminal) => {
      const end = expectOneEnd(kind, whole([{ type: "token", content: "a", index: 0 }, terminal]));
      if (terminal.type === "error") expect(end).toBe("failed");
      else if (!("reason" in terminal && isLeft(terminal.reason))) expect(end).toBe("whole");
      expectOneEnd(kind, whole([terminal]));
    },
  );

  test("whatever the answer, clients know its frames and get its text, or its error", async () => {
    const expectKnown = async (events: readonly StreamEvent[]): Promise<void> => {
      const body = encode(kind.createFormat(), events);
      const frames = read(body);
      const text = events.map((event) => (event.type === "token" ? event.content : "")).join("");
      expect(frames.map(({ value }) => kind.textIn(value)).join("")).toBe(text);
      for (const { value } of frames) {
        expect([value, await kind.isKnown(value)]).toEqual([value, true]);
      }
      const headers = { "Content-Type": kind.createFormat().mediaType };
      const reading = kind.readWithClient(async () => new Response(body, { headers }));
      if (expectOneEnd(kind, frames) === "failed") await expect(reading).rejects.toThrow(/./);
      else expect(await reading).toBe(text);
    };
    await fc.assert(fc.asyncProperty(answers, expectKnown), runs);
  });

  test("the frames are the same, however the events came together", () => {
    const same = (events: readonly StreamEvent[], batches: readonly number[]): void => {
      const together = encode(kind.createFormat(), events);
      expect(encode(kind.createFormat(), events, batches)).toBe(together);
    };
    fc.assert(fc.property(answers, sizes, same), runs);
  });

  test("of an event's frames the last alone has its id, and notices have none", () => {
    const counted = (events: readonly StreamEvent[]): void => {
      const format = kind.createFormat();
      const head = read(format.begin(start)).map(({ id }) => id);
      if (kind.resume === undefined) return;
      expect(head).toEqual(head.map((_, index) => (index === head.length - 1 ? "0" : undefined)));
      let id = 0;
      for (const event of events) {
        if (!isNotice(event)) id += 1;
        const ids = read(format.encode([event], isNotice(event) ? id + 1 : id)).map(
          (frame) => frame.id,
        );
        const isLast = (index: number): boolean => !isNotice(event) && index === ids.length - 1;
        for (const [index, one] of ids.entries()) {
          if (isLast(index)) expect(one).toBe(String(id));
          else expect(one).not.toBe(String(id));
        }
      }
    };
    fc.assert(fc.property(answers, counted), runs);
  });

  test("a heartbeat is nothing to a client, wherever it comes", () => {
    const expectUnseen = (events: readonly StreamEvent[]): void => {
      const format = kind.createFormat();
      const pieces = [format.begin(start)];
      let id = 1;
      for (const event of events) {
        pieces.push(format.encode([event], id));
        if (!isNotice(event)) id += 1;
      }
      expect(read(pieces.join(format.heartbeat))).toEqual(read(pieces.join("")));
    };
    expect(kind.createFormat().heartbeat).not.toBe("");
    fc.assert(fc.property(answers, expectUnseen), runs);
  });

  if (!kind.isFollowed) return;

  test("an answer whose beginning is no longer kept ends as failed", () => {
    const token = { type: "token", content: "a", index: 0 } as const;
    const frames = whole([
      { type: "gap", from: 1, to: 2 },
      token,
      { type: "stop", reason: "stop" },
    ]);
    expect(expectOneEnd(kind, frames)).toBe("failed");
  });

  test("a reader that another relay is to serve gets no end that looks whole", () => {
    const frames = whole([
      { type: "token", content: "a", index: 0 },
      { type: "reconnect", retryMs: 100 },
    ]);
    const ends = frames.flatMap(({ value }) => kind.endIn(value) ?? []);
    expect(ends.length).toBeLessThanOrEqual(1);
    expect(ends).not.toContain("whole");
  });
}
