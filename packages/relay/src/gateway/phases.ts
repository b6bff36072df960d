import type { PhaseBegun } from "../observe/observer.ts";
import type { ProviderContext } from "./provider.ts";

export interface Phases {
  begin(phase: PhaseBegun["phase"]): void;
}

/** Tells the observer of each phase, when it is another one than before. */
export function createPhases({
  streamId,
  observe,
}: Pick<ProviderContext, "streamId" | "observe">): Phases {
  let current: PhaseBegun["phase"] | undefined;
  return {
    begin(phase) {
      if (phase === current) return;
      current = phase;
      observe({ type: "phase_begun", streamId, phase });
    },
  };
}
