import { Counter, type Registry } from "prom-client";
import type { Observer, StreamPhase } from "@gatestream/relay/parts";

const phases: readonly StreamPhase[] = [
  "queue",
  "access_token",
  "handshake",
  "first_token",
  "answer",
];

/** Counts how readers came back and went. */
export function createReaderMetrics(registry: Registry): Observer {
  const registers = [registry];
  const count = (name: string, help: string) =>
    new Counter({ name: `gatestream_${name}_total`, help, registers });
  const slowReaders = count(
    "slow_readers",
    "Readers that were given up because they did not catch up in time.",
  );
  const resumed = count(
    "readers_resumed",
    "Readers that came back to a stream, or to one that had ended.",
  );
  const readersLeft = new Counter({
    name: "gatestream_readers_left_total",
    help: "Readers that left before the end, by what their stream waited for: queue, access_token, handshake, first_token or answer (the rest of it).",
    labelNames: ["phase"],
    registers,
  });
  for (const phase of phases) readersLeft.inc({ phase }, 0);

  return (event) => {
    if (event.type === "reader_resumed") resumed.inc();
    else if (event.type === "reader_dropped") slowReaders.inc();
    else if (event.type === "stream_ended") {
      const { error, phase, readerLeft } = event;
      if (error?.code === "slow_consumer") slowReaders.inc();
      // With an error it was the relay that hung up.
      if (readerLeft && error === undefined) readersLeft.inc({ phase });
    }
  };
}
