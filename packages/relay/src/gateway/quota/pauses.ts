/** Configurations that the upstream wants nothing of for a while. */
export interface Pauses {
  /** Whether a request of this configuration may be sent now. */
  isReady(configurationId: string): boolean;
  /** A request of this configuration is sent; true when it is the one that probes after a pause. */
  begin(configurationId: string): boolean;
  /** The upstream has had enough for this long, a minute at most. */
  pause(configurationId: string, ms: number): void;
  /** The upstream takes requests again. */
  end(configurationId: string): void;
  /** The probe came to nothing: another may follow. */
  giveUpProbe(configurationId: string): void;
  /** How long until the first pause ends, in milliseconds; undefined when none runs. */
  waitMs(): number | undefined;
}

interface Pause {
  readonly untilMs: number;
  isProbed: boolean;
}

/** A wrong `Retry-After` must not stop a configuration for long: a probe costs one request. */
export const maxPauseMs = 60_000;

/** After a pause one request probes, and the others wait for what becomes of it. */
export function createPauses(now: () => number = () => performance.now()): Pauses {
  const pauses = new Map<string, Pause>();
  return {
    isReady(configurationId) {
      const pause = pauses.get(configurationId);
      return pause === undefined || (!pause.isProbed && now() >= pause.untilMs);
    },
    begin(configurationId) {
      const pause = pauses.get(configurationId);
      if (pause === undefined) return false;
      pause.isProbed = true;
      return true;
    },
    pause(configurationId, ms) {
      const untilMs = now() + Math.min(ms, maxPauseMs);
      for (const [other, pause] of pauses) {
        // Not requested since.
        if (!pause.isProbed && pause.untilMs + maxPauseMs < now()) pauses.delete(other);
      }
      const before = pauses.get(configurationId)?.untilMs ?? untilMs;
      pauses.set(configurationId, { untilMs: Math.max(before, untilMs), isProbed: false });
    },
    end(configurationId) {
      pauses.delete(configurationId);
    },
    giveUpProbe(configurationId) {
      const pause = pauses.get(configurationId);
      if (pause !== undefined) pause.isProbed = false;
    },
    waitMs() {
      const waits = Array.from(pauses.values(), ({ untilMs }) => untilMs - now());
      const running = waits.filter((wait) => wait > 0);
      return running.length === 0 ? undefined : Math.min(...running);
    },
  };
}
