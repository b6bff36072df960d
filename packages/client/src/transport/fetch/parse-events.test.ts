import type { KnownEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createEventParser } from "./parse-events.ts";

type Parsed = readonly [event: KnownEvent, id: number | undefined];

/** What the bytes hold, up to the first event that is not a relay's. */
function parsed(chunks: readonly Uint8Array[]): readonly Parsed[] {
  const events: Parsed[] = [];
  const parse = createEventParser((event, id) => {
    events.push([event, id]);
    return false;
  }, Infinity);
  try {
    for (const chunk of chunks) parse(chunk);
  } catch (failure) {
    expect(failure).toMatchObject({ name: "StreamError", code: "protocol" });
  }
  return events;
}

/** The same of eventsource-parser, which reads every event as JSON. */
function expected(text: string): readonly Parsed[] {
  const events: Parsed[] = [];
  const parser = createParser({
    onEvent({ data, id }) {
      const event: KnownEvent | null = JSON.parse(data);
      if (typeof event?.type !== "string") throw new SyntaxError("It has no type.");
      events.push([event, id === undefined ? id : Number(id)]);
    },
  });
  try {
    parser.feed(text);
  } catch (failure) {
    expect(failure).toBeInstanceOf(SyntaxError);
  }
  return events;
}

const content = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(' "quoted" ', "a\\n", "\u2028", "\u0000", "x".repeat(999), "x".repeat(1000)),
);
const token = fc
  .record({ content, index: fc.nat() })
  .map(({ content: text, index }) => JSON.stringify({ type: "token", content: text, index }));
const block = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(token, fc.nat()).map(([data, id]) => `data: ${data}\nid: ${id}\n\n`),
  },
  fc.constantFrom(
    ": heartbeat\n\n",
    'data: {"type":"stop",\ndata: "reason":"stop"}\n\n',
    'id: 7\ndata: {"type":"token","content":"a","index":0}\nevent: token\nretry: 10\n\n',
    'data:{"type":"token","content":"a","index":0}\n\n',
    'data:  {"type":"token","content":"a","index":0}\nid: 1\nid: 2\n\n',
    'data: {"type":"token","content":"a","index":007}\nid: 1\n\n',
    'data: {"type":"token","content":"a\tb","index":0}\nid: 1\n\n',
    'data: {"type":"token","content":"a","index":0}\nid: 1\ndata\n\n',
    "id: 8\n\n",
    "id\nid: a\u0000b\n\n",
    "data\n\n",
    "id: none\n",
    "unknown\n: \n",
    "\n",
  ),
);
const stream = fc
  .tuple(fc.array(block), fc.constantFrom("\n", "\r\n", "\r"))
  .map(([blocks, lineEnd]) => blocks.join("").replaceAll("\n", lineEnd));

test("however a stream is cut, its events are those that eventsource-parser finds", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 400 })), fc.boolean(), (text, cuts, hasMark) => {
      const bytes = new TextEncoder().encode(hasMark ? `\uFEFF${text}` : text);
      const places = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
        (one, other) => one - other,
      );
      const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
      expect(parsed(chunks)).toEqual(expected(text));
    }),
    { numRuns: 300 },
  );
});

test("one character more or less makes no difference to what eventsource-parser finds", () => {
  const text = 'data: {"type":"token","content":"Hi","index":10}\nid: 11\n\n'.repeat(2);
  const changes = Array.from({ length: text.length / 2 }, (_, at) => at).flatMap((at) =>
    ["", "\n", "\r", '"', "\\", " ", "0", "\u0000", "}"].flatMap((other) =>
      [at, at + 1].map((end) => text.slice(0, at) + other + text.slice(end)),
    ),
  );
  expect(changes.map((changed) => parsed([new TextEncoder().encode(changed)]))).toEqual(
    changes.map(expected),
  );
});

test("nothing is read after the event that the reader wants no more after", () => {
  const events: unknown[] = [];
  const parse = createEventParser(({ type }) => events.push(type) === 2, Infinity);
  const text = 'data: {"type":"token","content":"a","index":0}\nid: 1\n\n'.repeat(3);
  expect(parse(new TextEncoder().encode(text))).toBe(true);
  expect(events).toEqual(["token", "token"]);
});
