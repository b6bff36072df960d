const stagesMs = [1000, 5000, 15_000];

/** Notices that nothing has come for a while. */
export interface QuietTimer {
  /** Something has come: the silence begins now. */
  restart(): void;
  stop(): void;
}

/**
 * Calls `onStage` with 1, 2 and 3 when nothing has come for one, five and fifteen seconds, and with 0
 * when something has. There is one timer, however often `restart` is called.
 */
export function createQuietTimer(onStage: (stage: number) => void): QuietTimer {
  let stage = 0;
  let sinceMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function setStage(next: number): void {
    if (next === stage) return;
    stage = next;
    onStage(next);
  }

  function check(): void {
    const quietMs = performance.now() - sinceMs;
    setStage(stagesMs.filter((stageMs) => stageMs <= quietMs).length);
    const nextMs = stagesMs[stage];
    timer = nextMs === undefined ? undefined : setTimeout(check, nextMs - quietMs);
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
    setStage(0);
  }

  return {
    restart() {
      sinceMs = performance.now();
      // When it fires, it sees that it is too early, and waits for the rest.
      if (stage === 0 && timer !== undefined) return;
      stop();
      check();
    },
    stop,
  };
}
