/** Calls `paint` once, with the next frame. A hidden page gets none, and a worker may have none. */
export function nextFrame(paint: () => void): void {
  const once = (): void => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
    paint();
  };
  const frame = globalThis.requestAnimationFrame?.(once);
  const timer = setTimeout(once, frame === undefined ? 16 : 100);
}
