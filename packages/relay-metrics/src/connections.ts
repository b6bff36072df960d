import { errorTable, socketCloseCodes } from "@gatestream/protocol";
import { Gauge, type Registry } from "prom-client";
import type { Observer } from "@gatestream/relay/parts";
import { createCounters } from "./define.ts";

/** Counts what was refused and what had to be tried again. */
export function createFailureMetrics(registry: Registry): Observer {
  const counter = createCounters(registry);
  const countByCode = (name: string, help: string) => {
    const byCode = counter(name, help, "code");
    for (const code of Object.keys(errorTable)) byCode.inc({ code }, 0);
    return byCode;
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
  const droppedConnections = counter(
    "connections_dropped",
    "Connections that were closed as soon as they came, because maxConnections were open.",
  );
  const redisLost = counter("redis_lost", "Times that the connection to Redis was lost.");
  const auditFailed = counter(
    "audit_failed",
    "Times that the record of streams could not be written any more.",
  );
  const auditDropped = counter("audit_dropped", "Records of streams that were lost.");

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
      case "audit_failed":
        auditFailed.inc();
        break;
      case "audit_dropped":
        auditDropped.inc(event.records);
        break;
    }
  };
}

/** What pages and their browsers close with, and how the protocol itself ends a socket. */
const usualCodes = [1000, 1001, 1002, 1005, 1006, 1007, 1009];
const codes = [...usualCodes, ...Object.values(socketCloseCodes)].map(String);

/** Counts WebSockets, and the streams that they carry. */
export function createSocketMetrics(registry: Registry): Observer {
  const counter = createCounters(registry);
  const open = new Gauge({
    name: "gatestream_open_sockets",
    help: "WebSockets that are open.",
    registers: [registry],
  });
  const closed = counter(
    "sockets_closed",
    "WebSockets that were closed, by the code of the WebSocket protocol or of ours, or other for any that a page made up.",
    "code",
  );
  for (const code of [...codes, "other"]) closed.inc({ code }, 0);
  const streams = counter("socket_streams", "Streams that have begun over a WebSocket.");

  return (event) => {
    switch (event.type) {
      case "socket_opened":
        open.inc();
        break;
      case "socket_closed": {
        const code = String(event.code);
        open.dec();
        closed.inc({ code: codes.includes(code) ? code : "other" });
        break;
      }
      case "stream_started":
        if (event.transport === "websocket") streams.inc();
        break;
    }
  };
}
