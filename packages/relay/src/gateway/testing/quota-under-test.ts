import { getEventListeners } from "node:events";
import { beforeEach, expect, vi } from "vitest";
import { createQuota, type Permit, type Quota, type QuotaSettings } from "../quota/quota.ts";

/** Gives the tests of a file a clock that stands still unless {@link passMs} moves it. */
export function holdClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    return () => void vi.useRealTimers();
  });
}

export const passMs = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Lets promises settle, without any time passing. */
export const settled = (): Promise<unknown> => passMs(0);

export interface Visit {
  readonly name: string;
  /** The queue positions that it received. */
  readonly positions: readonly number[];
  readonly leaving: AbortController;
  readonly entered: Promise<Permit>;
  /** What it was refused with. */
  refusal?: unknown;
  /** Set once it is in. */
  permit?: Permit;
}

export interface VisitOptions {
  readonly configurationId?: string;
  readonly bytes?: number;
}

export interface QuotaUnderTest extends Quota {
  /** Who has been let in, in order. */
  readonly inside: readonly string[];
  /** Asks to be let in. */
  visit(name: string, subject?: string, more?: VisitOptions): Visit;
}

/** A quota with ample limits, and who visits it. */
export function quotaUnderTest({
  maxQueuedBytes = 1_000,
  ...change
}: Partial<QuotaSettings> & { maxQueuedBytes?: number } = {}): QuotaUnderTest {
  const quota = createQuota(
    {
      requestsPerMinute: 100,
      maxConcurrentStreams: 100,
      maxQueued: 100,
      queueTimeoutMs: 600_000,
      ...change,
    },
    maxQueuedBytes,
  );
  const inside: string[] = [];
  function visit(name: string, subject = "", more: VisitOptions = {}): Visit {
    const { configurationId = "cfg-1", bytes = 0 } = more;
    const positions: number[] = [];
    const leaving = new AbortController();
    const onPosition = (position: number): void => void positions.push(position);
    const context = { subject, signal: leaving.signal, onPosition };
    const entered = quota.acquire({ context, configurationId, bytes });
    const one: Visit = { name, positions, leaving, entered };
    entered.then(
      (permit) => {
        inside.push(name);
        one.permit = permit;
      },
      (reason: unknown) => {
        one.refusal = reason;
      },
    );
    return one;
  }
  return { ...quota, inside, visit };
}

/** Nothing is left on the signal of one who has been let in, refused, or has left. */
export function expectNoTrace({ leaving }: Visit): void {
  expect(getEventListeners(leaving.signal, "abort")).toEqual([]);
}
