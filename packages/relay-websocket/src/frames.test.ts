import { expect, test } from "vitest";
import { createWebsocketFormat } from "./frames.ts";

function begun() {
  const format = createWebsocketFormat('a"b', "r-1");
  const start = format.begin({
    type: "start",
    streamId: "s",
    resumable: true,
    resumableForMs: 9,
    heartbeatMs: 1,
  });
  return { format, start: JSON.parse(start) };
}

test("start has the ref, the stream and the request", () => {
  expect(begun().start).toEqual({
    type: "start",
    ref: 'a"b',
    streamId: "s",
    requestId: "r-1",
    resumable: true,
    resumableForMs: 9,
    heartbeatMs: 1,
  });
});

test("one event is a frame of its own, several are an array; only what is numbered has an id", () => {
  const { format } = begun();
  expect(JSON.parse(format.encode([{ type: "live" }], 7))).toEqual({
    type: "live",
    ref: 'a"b',
    streamId: "s",
  });
  const events = [
    { type: "token", content: "\n}", index: 0 },
    { type: "queued", position: 1 },
    { type: "stop", reason: "stop" },
  ] as const;
  expect(JSON.parse(format.encode(events, 7))).toEqual([
    { ...events[0], ref: 'a"b', streamId: "s", id: 7 },
    { ...events[1], ref: 'a"b', streamId: "s" },
    { ...events[2], ref: 'a"b', streamId: "s", id: 8 },
  ]);
});

test("fields of the gateway that are called as ours are keep their values under another name", () => {
  const { format } = begun();
  const citation = { type: "citation", content: "", index: 0, id: "doc-1", ref: 2, url: "u" };
  expect(JSON.parse(format.encode([citation], 3))).toEqual({
    type: "citation",
    content: "",
    index: 0,
    url: "u",
    "gateway.id": "doc-1",
    "gateway.ref": 2,
    ref: 'a"b',
    streamId: "s",
    id: 3,
  });
});

test.each(["cut", "done", "heartbeat"])(
  "an event of the gateway of the type %s is not taken for a frame of ours",
  (type) => {
    const { format } = begun();
    const event = { type, content: "x", index: 0 };
    expect(JSON.parse(format.encode([event], 3))).toMatchObject({
      type: `gateway.${type}`,
      content: "x",
      id: 3,
    });
  },
);

test("a heartbeat is the socket's, not the stream's", () => {
  expect(begun().format.heartbeat).toBe("");
});
