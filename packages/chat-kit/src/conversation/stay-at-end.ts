/** Keeps the end of what scrolls in sight. */
export interface EndKeeper {
  /** Something was added: the end stays in sight, unless the reader has scrolled up. */
  keep(): void;
  /** The reader wants to see the end again. */
  go(): void;
}

const nearEndPixels = 40;

/**
 * Follows the end of `scroller` until its reader scrolls up. `latest`, a button if there is one, is
 * shown as long as the end is out of sight, and goes there.
 */
export function stayAtEnd(
  scroller: HTMLElement,
  latest: HTMLElement | null,
  signal: AbortSignal,
): EndKeeper {
  let isFollowing = false;

  function toEnd(): void {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function keep(): void {
    if (isFollowing) toEnd();
  }

  function go(): void {
    isFollowing = true;
    toEnd();
  }

  scroller.addEventListener(
    "scroll",
    () => {
      const { scrollHeight, scrollTop, clientHeight } = scroller;
      isFollowing = scrollHeight - scrollTop - clientHeight < nearEndPixels;
      if (latest) latest.hidden = isFollowing;
    },
    { signal, passive: true },
  );
  latest?.addEventListener("click", go, { signal });

  // The composer grows, a phone's keyboard opens.
  const observer = globalThis.ResizeObserver && new ResizeObserver(keep);
  observer?.observe(scroller);
  signal.addEventListener("abort", () => observer?.disconnect(), { once: true });
  return { keep, go };
}
