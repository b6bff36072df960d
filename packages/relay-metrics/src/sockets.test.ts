import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { createSocketMetrics } from "./connections.ts";
import type { ObserverEvent } from "@gatestream/relay/parts";
import { streamStarted } from "../../relay/src/observe/testing/stream-events.ts";

/** The exposition after `events`. */
async function after(...events: readonly ObserverEvent[]) {
  const registry = new Registry();
  const observe = createSocketMetrics(registry);
  for (const event of events) observe(event);
  return parseExposition(await registry.metrics());
}

const opened = { type: "socket_opened", requestId: "r-1" } as const;
const closed = (code: number): ObserverEvent => ({
  type: "socket_closed",
  requestId: "r-1",
  code,
  durationMs: 1,
});
const closedWith = (code: number | "other") => `gatestream_sockets_closed_total{code="${code}"}`;

test("sockets are open until they are closed, with a code that is one of few", async () => {
  const { value } = await after(
    opened,
    opened,
    opened,
    opened,
    closed(4408),
    closed(4999),
    closed(3000),
  );
  expect(value("gatestream_open_sockets")).toBe(1);
  expect(value(closedWith(4408))).toBe(1);
  expect(value(closedWith("other"))).toBe(2);
  expect(value(closedWith(1000))).toBe(0);
});

test("streams over sockets are counted apart", async () => {
  const { value } = await after(streamStarted("a"), streamStarted("b", "websocket"));
  expect(value("gatestream_socket_streams_total")).toBe(1);
});
