/** Keeps the end of a conversation in sight. */
export interface EndFollower {
  /** The reader wants to see the end, and what comes next. */
  goToEnd(): void;
  close(): void;
}

const nearEndPixels = 40;

/**
 * Keeps the end of `scroller` in sight while messages (`.gs-message`) come and grow in it. Any scroll
 * upwards, however small, ends that; scrolling back to the end, or `goToEnd`, begins it again.
 *
 * @param onChange Called when it begins or ends; it follows at first.
 */
export function followEnd(
  scroller: HTMLElement,
  onChange: (isFollowing: boolean) => void,
): EndFollower {
  let isFollowing = true;
  let lastTop = scroller.scrollTop;

  function setFollowing(next: boolean): void {
    if (next === isFollowing) return;
    isFollowing = next;
    onChange(next);
  }

  function hasMessages(): boolean {
    return scroller.querySelector(".gs-message") !== null;
  }

  /** Also before the end is gone to: the reader may have scrolled, and the event is still to come. */
  function look(): void {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    const distance = scrollHeight - scrollTop - clientHeight;
    if (!hasMessages() || distance <= 1) setFollowing(true);
    else if (scrollTop < lastTop) setFollowing(false);
    else if (scrollTop > lastTop && distance < nearEndPixels) setFollowing(true);
    lastTop = scrollTop;
  }

  function toEnd(): void {
    // What is there as long as nothing is asked is read from its beginning.
    if (!hasMessages()) return;
    scroller.scrollTop = scroller.scrollHeight;
    lastTop = scroller.scrollTop;
  }

  function keep(): void {
    look();
    // Who edits a question wants to see that.
    const isEditing = scroller.querySelector("textarea:focus") !== null;
    if (isFollowing && !isEditing) toEnd();
  }

  scroller.addEventListener("scroll", look, { passive: true });
  const onGrowth = new MutationObserver(keep);
  onGrowth.observe(scroller, { childList: true, characterData: true, subtree: true });
  // The composer grows, and a phone's keyboard opens.
  const onResize = globalThis.ResizeObserver && new ResizeObserver(keep);
  onResize?.observe(scroller);
  return {
    goToEnd() {
      setFollowing(true);
      toEnd();
    },
    close() {
      scroller.removeEventListener("scroll", look);
      onGrowth.disconnect();
      onResize?.disconnect();
    },
  };
}
