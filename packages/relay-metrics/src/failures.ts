import { errorTable } from "@gatestream/protocol";
import { Counter, type Registry } from "prom-client";
import type { Observer } from "@gatestream/relay/parts";

/** Counts what was refused and what had to be tried again. */
export function createFailureMetrics(registry: Registry): Observer {
  const registers = [registry];
  const countByCode = (name: string, help: string) => {
    const counter = new Counter({
      name: `gatestream_${name}_total`,
      help,
      labelNames: ["code"],
      registers,
    });
    for (const code of Object.keys(errorTable)) counter.inc({ code }, 0);
    return counter;
  };

  const failedAttempts = countByCode(
    "upstream_attempts_failed",
    "Tries at the gateway that failed, before the first byte of an answer, for a reason that may pass, by code.",
  );
  const retries = countByCode(
    "upstream_retries",
    "Tries at the gateway that failed and that another was to follow, by code of the failure.",
  );
  const refused = countByCode(
    "requests_refused",
    "Requests that were refused before they became a stream, by code.",
  );
  const droppedConnections = new Counter({
    name: "gatestream_connections_dropped_total",
    help: "Connections that were closed as soon as they came, because maxConnections were open.",
    registers,
  });
  const redisLost = new Counter({
    name: "gatestream_redis_lost_total",
    help: "Times that the connection to Redis was lost.",
    registers,
  });

  return (event) => {
    switch (event.type) {
      case "attempt_failed":
        failedAttempts.inc({ code: event.error.code });
        if (event.waitMs !== undefined) retries.inc({ code: event.error.code });
        break;
      case "request_refused":
        refused.inc({ code: event.error.code });
        break;
      case "connection_dropped":
        droppedConnections.inc();
        break;
      case "redis_lost":
        redisLost.inc();
        break;
    }
  };
}
