import { expect, test } from "vitest";
import { isNotice, isNoticeType, isTerminal, type StreamEvent } from "./events.ts";

const error: StreamEvent = {
  type: "error",
  code: "internal_error",
  message: "It failed.",
  retryable: true,
  requestId: "r-1",
};

const notices: readonly StreamEvent[] = [
  { type: "start", streamId: "s-1", resumable: false, resumableForMs: 0, heartbeatMs: 15_000 },
  { type: "queued", position: 1 },
  { type: "warning", code: "malformed_line" },
  { type: "live" },
  { type: "gap", from: 1, to: 2 },
  { type: "reconnect", retryMs: 100 },
];
const terminals: readonly StreamEvent[] = [{ type: "stop", reason: "eof" }, error];
const contents: readonly StreamEvent[] = [
  { type: "token", content: "", index: 0 },
  { type: "citation", content: "", index: 0, url: "https://example.com" },
];

test.each(notices)("$type is a notice and not terminal", (event) => {
  expect([isNotice(event), isNoticeType(event.type), isTerminal(event)]).toEqual([
    true,
    true,
    false,
  ]);
});

test.each(terminals)("$type is terminal and not a notice", (event) => {
  expect([isNotice(event), isNoticeType(event.type), isTerminal(event)]).toEqual([
    false,
    false,
    true,
  ]);
});

test.each(contents)("$type is neither a notice nor terminal", (event) => {
  expect([isNotice(event), isNoticeType(event.type), isTerminal(event)]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each(["toString", "constructor", "__proto__", "Start", ""])(
  "%j, which only looks like a name, is no notice",
  (type) => {
    expect(isNoticeType(type)).toBe(false);
  },
);
