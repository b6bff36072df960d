import type { NoticeEvent, StreamEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { parseStream } from "@gatestream/testing/parse-events";
import { sseFormat } from "./sse.ts";

const token = (content: string, index = 0): StreamEvent => ({ type: "token", content, index });

test("it is sent as text/event-stream", () => {
  expect(sseFormat.mediaType).toBe("text/event-stream");
});

test("a response begins with the reconnection time and the named event start", () => {
  const start = {
    type: "start",
    streamId: "s-1",
    resumable: false,
    resumableForMs: 0,
    heartbeatMs: 15_000,
  } as const;
  expect(sseFormat.begin(start)).toBe(
    "retry: 2000\n" +
      'event: start\ndata: {"type":"start","streamId":"s-1","resumable":false,"resumableForMs":0,"heartbeatMs":15000}\n\n',
  );
});

test.each(["", 'a "quote"', "back\\slash", "line\nbreaks\r\n", "\u2028 \u0000 \ud800", "né 👍"])(
  "a token is the JSON of its fields: %j",
  (content) => {
    const data = JSON.stringify({ type: "token", content, index: 7 });
    expect(sseFormat.encode([token(content, 7)], 41)).toBe(`data: ${data}\nid: 41\n\n`);
  },
);

test("an index that is no number of JSON's is null, and the event is JSON all the same", () => {
  for (const index of [Number.NaN, Infinity]) {
    expect(sseFormat.encode([token("a", index)], 1)).toBe(
      'data: {"type":"token","content":"a","index":null}\nid: 1\n\n',
    );
  }
});

test("a heartbeat is a comment of one line, and no event", () => {
  expect(sseFormat.heartbeat).toBe(": heartbeat\n");
  const { events, comments } = parseStream(sseFormat.heartbeat);
  expect(events).toEqual([]);
  expect(comments).toEqual(["heartbeat"]);
});

test("content and terminal events are unnamed messages with ids that count on", () => {
  const stop: StreamEvent = { type: "stop", reason: "stop" };
  const citation: StreamEvent = { type: "citation", content: "", index: 1, url: "https://x.test" };
  const text = sseFormat.encode([token("a"), citation, stop], 41);
  expect(parseStream(text).events).toEqual([
    { name: undefined, id: "41", event: token("a") },
    { name: undefined, id: "42", event: citation },
    { name: undefined, id: "43", event: stop },
  ]);
});

test.each<NoticeEvent>([
  { type: "start", streamId: "s", resumable: true, resumableForMs: 9, heartbeatMs: 1 },
  { type: "queued", position: 1 },
  { type: "warning", code: "malformed_line" },
  { type: "live" },
  { type: "gap", from: 1, to: 2 },
  { type: "reconnect", retryMs: 5 },
])("the notice $type is named, has no id and leaves no hole in the ids", (notice) => {
  const { events } = parseStream(sseFormat.encode([token("a"), notice, token("b", 1)], 1));
  expect(events).toEqual([
    { name: undefined, id: "1", event: token("a") },
    { name: notice.type, id: undefined, event: notice },
    { name: undefined, id: "2", event: token("b", 1) },
  ]);
});

test.each([
  " Hello",
  "\n\n# Title\n",
  "  ",
  "\r\n",
  "\0",
  "data: x\n\n",
  "\u2028",
  "héllo \u{1F600}",
])("the text of a token is never trimmed or split: %j", (content) => {
  const text = sseFormat.encode([token(content)], 1);
  expect(text.match(/\n/g)).toHaveLength(3);
  expect(parseStream(text).events.map(({ event }) => event)).toEqual([token(content)]);
});

test("a lone surrogate, half of a character, survives as its escape", () => {
  const text = sseFormat.encode([token("\uD83D")], 1);
  const overTheWire = new TextDecoder().decode(new TextEncoder().encode(text));
  expect(parseStream(overTheWire).events[0]?.event).toEqual(token("\uD83D"));
});

test("no event is complete before its id, wherever the connection is cut", () => {
  const text = sseFormat.encode([token("a"), { type: "stop", reason: "stop" }], 1);
  for (const frame of text.split("\n\n").slice(0, -1)) {
    expect(frame).toMatch(/^data: .*\nid: \d+$/);
  }
});

test("the time to reconnect is also sent to a native EventSource", () => {
  const text = sseFormat.encode([{ type: "reconnect", retryMs: 347 }], 0);
  expect(parseStream(text).retryMs).toBe(347);
});

test("every block has data: a retry field alone would be an empty event to some clients", () => {
  const start = {
    type: "start",
    streamId: "s",
    resumable: true,
    resumableForMs: 9,
    heartbeatMs: 1,
  } as const;
  const text = sseFormat.begin(start) + sseFormat.encode([{ type: "reconnect", retryMs: 1 }], 0);
  for (const block of text.split("\n\n").slice(0, -1)) expect(block).toMatch(/^data: /m);
});

test("nothing to say is no text", () => {
  expect(sseFormat.encode([], 1)).toBe("");
});

test("a token whose content is no text is JSON all the same", () => {
  const broken = { type: "token", content: undefined, index: 0 } as unknown as StreamEvent;
  expect(sseFormat.encode([broken], 1)).toBe('data: {"type":"token","index":0}\nid: 1\n\n');
});
