/** What was seen of the page's animation frames. */
export interface Frames {
  readonly frames: number;
  readonly longestGapMs: number;
}

/** Counts animation frames until the returned function is called. */
export function countFrames(): () => Frames {
  let count = 0;
  let longestGapMs = 0;
  let lastAt = performance.now();
  let handle = requestAnimationFrame(function look(now) {
    count += 1;
    longestGapMs = Math.max(longestGapMs, now - lastAt);
    lastAt = now;
    handle = requestAnimationFrame(look);
  });
  return () => {
    cancelAnimationFrame(handle);
    return { frames: count, longestGapMs: Math.round(longestGapMs) };
  };
}
