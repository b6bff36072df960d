import { Writable } from "node:stream";
import { pino, type Level } from "pino";
import type { Observer } from "../../relay/src/observe/observer.ts";
import { createPinoObserver } from "../../gatestream/src/pino-observer.ts";

/** A log in memory. */
export interface Log {
  readonly observer: Observer;
  lines(): readonly Readonly<Record<string, unknown>>[];
  /** As it was written. */
  text(): string;
}

/** An observer that logs with pino, and what it has logged so far. */
export function createLog(level: Level = "trace"): Log {
  let text = "";
  const destination = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    observer: createPinoObserver(pino({ base: null, level }, destination)),
    lines: () =>
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    text: () => text,
  };
}
