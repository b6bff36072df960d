import type { TerminalEvent } from "@gatestream/protocol";
import { expect, test } from "vitest";
import { isUnheard, terminalOf } from "./ending.ts";

test("a lost stream says so in the words of every other failure", () => {
  expect(terminalOf("lost", "s-1")).toEqual({
    type: "error",
    code: "producer_lost",
    message: "The relay that wrote this answer is gone; ask again.",
    retryable: true,
    retryAfterMs: 1_000,
    requestId: "s-1",
  });
  expect(terminalOf("cancelled", "s-1")).toEqual({ type: "stop", reason: "cancelled" });
});

const stop: TerminalEvent = { type: "stop", reason: "stop" };
const failed: TerminalEvent = {
  type: "error",
  code: "gateway_interrupted",
  message: "",
  retryable: true,
  requestId: "r-1",
};

test.each([
  { terminal: stop, before: false, at: false, after: false },
  { terminal: failed, before: false, at: false, after: false },
  { terminal: terminalOf("cancelled", "s-1"), before: false, at: false, after: true },
  { terminal: terminalOf("lost", "s-1"), before: false, at: true, after: true },
])(
  "who has to get %o once more, with a cursor before, at and after it",
  ({ terminal, before, at, after }) => {
    const heard = [9, 10, 11].map((cursor) => isUnheard(terminal, { cursor, lastId: 10 }));
    expect(heard).toEqual([before, at, after]);
  },
);
