import { afterEach, beforeEach, vi } from "vitest";

/** Frames that come when a test says so. */
export interface ManualFrames {
  /** Lets everything run that waits for nothing outside. */
  pass(): Promise<void>;
  /** The next frame, and all that follows from it. */
  frame(): Promise<void>;
}

/** For all tests of the describe that it is called in. */
export function manualFrames(): ManualFrames {
  let paint: (() => void) | undefined;

  async function pass(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
  }

  beforeEach(() => {
    // Only these: frameworks keep their own time with others.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.stubGlobal("requestAnimationFrame", (callback: () => void) => {
      paint = callback;
      return 1;
    });
    vi.stubGlobal("cancelAnimationFrame", () => {});
  });

  afterEach(() => {
    paint = undefined;
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  return {
    pass,
    async frame() {
      paint?.();
      await pass();
    },
  };
}
