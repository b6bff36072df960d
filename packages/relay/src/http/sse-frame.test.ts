import { createParser, type EventSourceMessage } from "eventsource-parser";
import { expect, test } from "vitest";
import { sseFrame } from "./sse.ts";

function parsed(text: string): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  createParser({ onEvent: (message) => messages.push(message) }).feed(text);
  return messages;
}

test("a frame is its event, its data, its id, then a blank line", () => {
  expect(sseFrame({ event: "start", id: 7, data: "{}" })).toBe("event: start\ndata: {}\nid: 7\n\n");
  expect(sseFrame({ id: "a-1", data: "x" })).toBe("data: x\nid: a-1\n\n");
  expect(sseFrame({ data: "x" })).toBe("data: x\n\n");
});

test.each(["\r", "\n", "\r\n", "\0"])(
  "CR, LF or NUL inside an id or event field cannot inject fields: %j is refused",
  (breaker) => {
    const value = `1${breaker}data: injected`;
    expect(() => sseFrame({ id: value, data: "x" })).toThrow(
      new TypeError("An SSE id field must not hold CR, LF or NUL."),
    );
    expect(() => sseFrame({ event: value, data: "x" })).toThrow(
      new TypeError("An SSE event field must not hold CR, LF or NUL."),
    );
  },
);

test("data is split on CR, LF and CRLF, and its reader gets line feeds", () => {
  const frame = sseFrame({ data: "one\ntwo\rthree\r\nfour" });
  expect(frame).toBe("data: one\ndata: two\ndata: three\ndata: four\n\n");
  expect(parsed(frame)).toEqual([{ data: "one\ntwo\nthree\nfour" }]);
});

test("a line break in data cannot write fields or events of its own", () => {
  for (const breaker of ["\r", "\n", "\r\n"]) {
    const frame = sseFrame({ id: 1, data: `x${breaker}${breaker}id: 9${breaker}event: stop` });
    expect(parsed(frame)).toEqual([{ id: "1", data: "x\n\nid: 9\nevent: stop" }]);
  }
});

test.each([" x", "  ", "\n", "\n\n x \n", ":comment", "", "\u2028\u2029", "\u{1F600}"])(
  "leading and trailing spaces and newlines of data are kept: %j",
  (data) => {
    expect(parsed(sseFrame({ data }))).toEqual([{ data }]);
  },
);
