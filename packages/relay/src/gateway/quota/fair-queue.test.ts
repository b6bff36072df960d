import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createFairQueue } from "./fair-queue.ts";

interface Entry {
  readonly name: string;
  readonly subject: string;
  readonly bytes: number;
}

/** A queue of names: the letter is the subject, `a2` the second of subject `a`. */
function queueOf(...names: readonly string[]) {
  const queue = createFairQueue<Entry>();
  const entries = new Map<string, Entry>();
  function push(name: string, bytes = 1): void {
    const entry = { name, subject: subjectOf(name), bytes };
    entries.set(name, entry);
    queue.push(entry);
  }
  names.forEach((name) => push(name));
  return {
    push,
    get length() {
      return queue.length;
    },
    shift: (isReady: (entry: Entry) => boolean = () => true) => queue.shift(isReady)?.name,
    remove: (name: string) => queue.remove(entries.get(name) ?? { name, subject: "", bytes: 0 }),
    inOrder: () => queue.inOrder().map(({ name }) => name),
    newestOfLargest: (what: "entries" | "bytes", subject: string) =>
      queue.newestOfLargest(what, subject)?.name,
  };
}

function drained(queue: { shift(): string | undefined }): string[] {
  const order: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next);
  return order;
}

const subjectOf = (name: string): string => name.charAt(0);
const numberOf = (name = ""): number => Number(name.slice(1));
const isOfOne = (one: string, other: string): boolean => subjectOf(one) === subjectOf(other);

test("within a subject: first in, first out", () => {
  expect(drained(queueOf("a1", "a2", "a3"))).toEqual(["a1", "a2", "a3"]);
});

test("the subjects take turns, however many of one came before", () => {
  expect(drained(queueOf("a1", "a2", "a3", "b1", "b2", "c1"))).toEqual([
    "a1",
    "b1",
    "c1",
    "a2",
    "b2",
    "a3",
  ]);
});

test("who has been served goes behind those who have not", () => {
  const queue = queueOf("a1", "a2", "b1");
  expect(queue.shift()).toBe("a1");
  queue.push("c1");
  expect(drained(queue)).toEqual(["b1", "a2", "c1"]);
});

test("a subject that returns does not keep its old turn", () => {
  const queue = queueOf("a1", "b1", "b2");
  expect(queue.shift()).toBe("a1");
  queue.push("a2");
  expect(drained(queue)).toEqual(["b1", "a2", "b2"]);
});

test("who is taken out leaves no gap, and its subject no turn", () => {
  const queue = queueOf("a1", "a2", "b1", "c1");
  queue.remove("b1");
  queue.remove("a1");
  expect(queue.length).toBe(2);
  expect(queue.inOrder()).toEqual(["a2", "c1"]);
});

test("to take out who is not there changes nothing", () => {
  const queue = queueOf("a1");
  queue.remove("a2");
  queue.remove("b1");
  expect(queue.length).toBe(1);
  queue.remove("a1");
  queue.remove("a1");
  expect(queue.length).toBe(0);
  expect(queue.shift()).toBeUndefined();
});

test("the reported order is the order of serving, whatever came and went", () => {
  const subject = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: subject }) },
    fc.constant({ shift: true } as const),
    fc.record({ remove: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = queueOf();
      let pushed = 0;
      for (const one of steps) {
        const before = queue.inOrder();
        if ("push" in one) {
          pushed += 1;
          queue.push(`${one.push}${pushed}`);
          expect(queue.length).toBe(before.length + 1);
        } else if ("shift" in one) {
          expect(queue.shift()).toBe(before[0]);
          expect(queue.inOrder()).toEqual(before.slice(1));
        } else {
          const [name = "z0"] = before.slice(one.remove);
          queue.remove(name);
          expect(queue.inOrder().toSorted()).toEqual(
            before.filter((other) => other !== name).toSorted(),
          );
        }
      }
      const order = queue.inOrder();
      expect(queue.length).toBe(order.length);
      for (const [at, name] of order.entries()) {
        const again = order.findIndex((other, index) => index > at && isOfOne(name, other));
        if (again === -1) continue;
        // First in, first out; until then every other subject that still waits comes once.
        expect(numberOf(order[again])).toBeGreaterThan(numberOf(name));
        const between = order.slice(at + 1, again).map(subjectOf);
        const others = order
          .slice(again)
          .map(subjectOf)
          .filter((other) => other !== subjectOf(name));
        expect(new Set(between).size).toBe(between.length);
        expect(between).toEqual(expect.arrayContaining(others));
      }
      expect(drained(queue)).toEqual(order);
    }),
  );
});

test("one that is not ready is passed over and keeps its turn", () => {
  const queue = queueOf("a1", "a2", "b1");
  expect(queue.shift(({ name }) => name === "a2")).toBe("a2");
  expect(queue.shift(() => false)).toBeUndefined();
  expect(drained(queue)).toEqual(["b1", "a1"]);
});

test("the newest of the subject with most is found, by entries and by bytes", () => {
  const queue = queueOf("a1", "a2", "b1");
  queue.push("b2", 100);
  queue.push("a3");
  expect(queue.newestOfLargest("entries", "b")).toBe("a3");
  expect(queue.newestOfLargest("bytes", "a")).toBe("b2");
  queue.remove("b2");
  expect(queue.newestOfLargest("bytes", "a")).toBe("a3");
});

test("of subjects with equally many the one that is asked about is the largest", () => {
  const queue = queueOf("a1", "b1", "c1");
  expect(queue.newestOfLargest("entries", "b")).toBe("b1");
});
