import { socketCloseCodes } from "@gatestream/protocol";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Observer } from "@gatestream/relay/parts";

/** What pages and their browsers close with, and how the protocol itself ends a socket. */
const usualCodes = [1000, 1001, 1002, 1005, 1006, 1007, 1009];
const codes = [...usualCodes, ...Object.values(socketCloseCodes)].map(String);

/** Counts WebSockets, and the streams that they carry. */
export function createSocketMetrics(registry: Registry): Observer {
  const registers = [registry];
  const open = new Gauge({
    name: "gatestream_open_sockets",
    help: "WebSockets that are open.",
    registers,
  });
  const closed = new Counter({
    name: "gatestream_sockets_closed_total",
    help: "WebSockets that were closed, by the code of the WebSocket protocol or of ours, or other for any that a page made up.",
    labelNames: ["code"],
    registers,
  });
  for (const code of [...codes, "other"]) closed.inc({ code }, 0);
  const streams = new Counter({
    name: "gatestream_socket_streams_total",
    help: "Streams that have begun over a WebSocket.",
    registers,
  });

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
