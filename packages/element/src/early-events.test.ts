import type { StreamEvent, StreamStatus } from "@gatestream/client";
import { expect, test } from "vitest";
import { createEarlyEvents } from "./early-events.ts";

/** What an inspector was told, in order. */
function createRecorder() {
  const told: string[] = [];
  return {
    told,
    listeners: {
      onEvent: (event: StreamEvent) =>
        void told.push("content" in event ? event.content : event.type),
      onStatus: (status: StreamStatus) => void told.push(status),
    },
  };
}

const token = (content: string): StreamEvent => ({ type: "token", content, index: 0 });

test("what came before the inspector was loaded is told first, in its order", () => {
  const { told, listeners } = createRecorder();
  const early = createEarlyEvents(() => true);
  early.listeners.onStatus("connecting");
  early.listeners.onEvent(token("a"));
  early.attach(() => listeners);
  early.attach(() => createRecorder().listeners);
  early.listeners.onEvent(token("b"));
  expect(told).toEqual(["connecting", "a", "b"]);
});

test("of an answer that began before an inspector was wanted, nothing is told; of the next one, all", () => {
  const { told, listeners } = createRecorder();
  let isWanted = false;
  const early = createEarlyEvents(() => isWanted);
  early.listeners.onStatus("connecting");
  early.listeners.onEvent(token("a"));
  isWanted = true;
  early.attach(() => listeners);
  early.listeners.onEvent(token("b"));
  early.listeners.onStatus("done");
  expect(told).toEqual([]);
  early.listeners.onStatus("connecting");
  early.listeners.onEvent(token("c"));
  expect(told).toEqual(["connecting", "c"]);
});
