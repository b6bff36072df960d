const shortestMs = 100;
const longestMs = 30_000;

/** Who lived that long, in milliseconds, did not end because of how it began. */
export const soundLifeMs = 60_000;

/**
 * How long a worker that ended waits to be started again, in milliseconds, when that many before it
 * did not live for {@link soundLifeMs}.
 */
export function restartDelayMs(shortLives: number): number {
  return Math.min(longestMs, shortestMs * 2 ** shortLives);
}
