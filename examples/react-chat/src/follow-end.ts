/** How far from its end a reader still wants to see what comes next, in pixels. */
const nearPixels = 48;

/**
 * Keeps the end of a conversation in sight, until its reader scrolls up. Returns what ends it.
 *
 * @param onLook Hears, after each scroll, whether the end is in sight.
 */
export function followEnd(
  scroller: HTMLElement,
  onLook: (isFollowing: boolean) => void,
): () => void {
  let isFollowing = true;

  function look(): void {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    isFollowing = scrollHeight - scrollTop - clientHeight < nearPixels;
    onLook(isFollowing);
  }

  function keep(): void {
    // Whoever edits a question wants to see that.
    const isEditing = scroller.querySelector("textarea:focus") !== null;
    if (isFollowing && !isEditing) scrollToEnd(scroller);
  }

  const onGrowth = new MutationObserver(keep);
  onGrowth.observe(scroller, { childList: true, characterData: true, subtree: true });
  // The composer grows, and a phone's keyboard opens.
  const onResize = new ResizeObserver(keep);
  onResize.observe(scroller);
  scroller.addEventListener("scroll", look, { passive: true });
  return () => {
    onGrowth.disconnect();
    onResize.disconnect();
    scroller.removeEventListener("scroll", look);
  };
}

export function scrollToEnd(scroller: HTMLElement): void {
  scroller.scrollTop = scroller.scrollHeight;
}
