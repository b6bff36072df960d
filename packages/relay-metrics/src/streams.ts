import { errorTable, type ErrorCode } from "@gatestream/protocol";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Observer, StreamEnded } from "@gatestream/relay/parts";

const stopReasons = ["stop", "eof", "length", "cancelled", "abandoned"];

/** Counts streams: those that run, that wait for their turn, that began and that ended. */
export function createStreamMetrics(registry: Registry): Observer {
  // Kept by their ids, not as numbers: duplicate, late and unknown events change nothing.
  const running = new Set<string>();
  const queued = new Set<string>();
  const registers = [registry];
  const active = new Gauge({
    name: "gatestream_active_streams",
    help: "Streams that have begun and not yet ended, those in the queue included.",
    registers,
    collect() {
      active.set(running.size);
    },
  });
  const waiting = new Gauge({
    name: "gatestream_queued_streams",
    help: "Streams that wait for their turn to ask the gateway.",
    registers,
    collect() {
      waiting.set(queued.size);
    },
  });
  const started = new Counter({
    name: "gatestream_streams_started_total",
    help: "Streams that have begun.",
    registers,
  });
  const ended = new Counter({
    name: "gatestream_streams_ended_total",
    help: "Streams that have ended, by how (stop, eof, length, cancelled, abandoned, error, or other for any reason of the gateway's own) and, for errors, by code.",
    labelNames: ["ending", "code"],
    registers,
  });
  for (const ending of [...stopReasons, "other"]) ended.inc({ ending, code: "" }, 0);
  for (const code of Object.keys(errorTable)) ended.inc({ ending: "error", code }, 0);

  return (event) => {
    switch (event.type) {
      case "stream_started":
        running.add(event.streamId);
        started.inc();
        break;
      case "phase_begun":
        if (event.phase === "queue" && running.has(event.streamId)) queued.add(event.streamId);
        else queued.delete(event.streamId);
        break;
      case "upstream_answered":
        queued.delete(event.streamId);
        break;
      case "stream_ended":
        running.delete(event.streamId);
        queued.delete(event.streamId);
        ended.inc(endingLabels(event));
        break;
    }
  };
}

/** A gateway may invent reasons, `error` among them: as labels they would have no bound. */
function endingLabels({ ending, error }: StreamEnded): { ending: string; code: ErrorCode | "" } {
  if (error !== undefined) return { ending: "error", code: error.code };
  return { ending: stopReasons.includes(ending) ? ending : "other", code: "" };
}
