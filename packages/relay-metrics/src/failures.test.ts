import { errorTable } from "@gatestream/protocol";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { parseExposition } from "@gatestream/testing/parse-exposition";
import { RelayError, type ObserverEvent } from "@gatestream/relay/parts";
import { createFailureMetrics } from "./connections.ts";
import { streamFailed } from "../../relay/src/observe/testing/stream-events.ts";

/** The series that are not 0 after `events`, as `metric code`. */
async function countsAfter(...events: readonly ObserverEvent[]) {
  const registry = new Registry();
  const observe = createFailureMetrics(registry);
  for (const event of events) observe(event);
  const { families } = parseExposition(await registry.metrics());
  const samples = families.flatMap((family) => family.samples);
  const counts = samples.map(({ name, labels, value }) => {
    const metric = name.replace(/^gatestream_(.*)_total$/, "$1");
    return [`${metric} ${labels["code"] ?? ""}`.trim(), value] as const;
  });
  return { all: counts, nonzero: Object.fromEntries(counts.filter(([, value]) => value !== 0)) };
}

test("every code is there with 0 from the start", async () => {
  const { all } = await countsAfter();
  const expected = ["upstream_attempts_failed", "upstream_retries", "requests_refused"]
    .flatMap((metric) => Object.keys(errorTable).map((code) => `${metric} ${code}`))
    .concat("connections_dropped", "redis_lost", "audit_failed", "audit_dropped");
  expect(all).toEqual(expected.map((what) => [what, 0]));
});

test("a try that failed counts as retried only when another was to follow, even at once", async () => {
  const away = new RelayError("gateway_unavailable", "Away.");
  const enough = new RelayError("gateway_rate_limited", "Too many.");
  const attempt = { type: "attempt_failed", streamId: "s", attempt: 1 } as const;
  const { nonzero } = await countsAfter(
    { ...attempt, error: away, waitMs: 0 },
    { ...attempt, error: away, waitMs: 250 },
    { ...attempt, error: away },
    { ...attempt, error: enough },
    // The stream's end has a metric of its own.
    streamFailed("s", "gateway_unavailable"),
  );
  expect(nonzero).toEqual({
    "upstream_attempts_failed gateway_unavailable": 3,
    "upstream_attempts_failed gateway_rate_limited": 1,
    "upstream_retries gateway_unavailable": 2,
  });
});

test("refused requests count by code, dropped connections alone", async () => {
  const request = { type: "request_refused", requestId: "r", method: "GET", path: "/x" } as const;
  const { nonzero } = await countsAfter(
    { ...request, error: new RelayError("not_found", "No such route.") },
    { ...request, path: "/y", error: new RelayError("not_found", "No such route.") },
    { ...request, error: new RelayError("overloaded", "Full.") },
    { type: "connection_dropped" },
  );
  expect(nonzero).toEqual({
    "requests_refused not_found": 2,
    "requests_refused overloaded": 1,
    connections_dropped: 1,
  });
});
