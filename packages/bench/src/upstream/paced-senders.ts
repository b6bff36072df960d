import type { Socket } from "node:net";
import { monotonicMicroseconds } from "../measuring/clock.ts";
import { stamp } from "./plan.ts";
import type { RenderedAnswer } from "./rendered-answer.ts";

/** Sends one token after the other to any number of sockets, spread evenly over the interval. */
export interface PacedSenders {
  /** The first token leaves at once. */
  add(socket: Socket, answer: RenderedAnswer, tokens: number): void;
  stop(): void;
}

/** One timer for all: its grain is what spreads the streams. */
export function createPacedSenders(everyMs: number): PacedSenders {
  const slots = Array.from({ length: everyMs }, () => new Set<() => void>());
  const startedAt = performance.now();
  let nextSlot = 0;
  let doneMs = 0;

  const timer = setInterval(() => {
    // A timer that was late has several slots to do.
    for (const nowMs = performance.now() - startedAt; doneMs < nowMs; doneMs += 1) {
      for (const send of slots[doneMs % everyMs] ?? []) send();
    }
  }, 1);

  return {
    add(socket, { head, beforeStamp, afterStamp, end }, tokens) {
      const slot = slots[nextSlot % everyMs];
      nextSlot += 1;
      let tokensLeft = tokens || Number.POSITIVE_INFINITY;
      const send = (): void => {
        socket.write(beforeStamp + stamp(monotonicMicroseconds()) + afterStamp, "latin1");
        tokensLeft -= 1;
        if (tokensLeft > 0) return;
        slot?.delete(send);
        socket.write(end);
      };
      socket.once("close", () => slot?.delete(send));
      slot?.add(send);
      socket.write(head);
      send();
    },
    stop: () => clearInterval(timer),
  };
}
