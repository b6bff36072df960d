/** Keeps the end of a conversation in view. */
export interface BottomSticker {
  /** Goes to the end, and keeps what comes next in view. */
  scrollToBottom(): void;
  close(): void;
}

const nearBottomPixels = 40;

/**
 * Keeps the end of `scroller` in view while messages (`.gs-message`) come and grow in it. Any scroll
 * upwards, however small, ends that; scrolling back to the end, or `scrollToBottom`, begins it again.
 *
 * @param onChange Called when it begins or ends; it sticks at first.
 */
export function stickToBottom(
  scroller: HTMLElement,
  onChange: (isSticking: boolean) => void,
): BottomSticker {
  let isSticking = true;
  let lastTop = scroller.scrollTop;

  function setSticking(next: boolean): void {
    if (next === isSticking) return;
    isSticking = next;
    onChange(next);
  }

  function hasMessages(): boolean {
    return scroller.querySelector(".gs-message") !== null;
  }

  /** Also before the end is gone to: the reader may have scrolled, and the event is still to come. */
  function readPosition(): void {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    const distance = scrollHeight - scrollTop - clientHeight;
    if (!hasMessages() || distance <= 1) setSticking(true);
    else if (scrollTop < lastTop) setSticking(false);
    else if (scrollTop > lastTop && distance < nearBottomPixels) setSticking(true);
    lastTop = scrollTop;
  }

  function toBottom(): void {
    // What is there as long as nothing is asked is read from its beginning.
    if (!hasMessages()) return;
    scroller.scrollTop = scroller.scrollHeight;
    lastTop = scroller.scrollTop;
  }

  function keep(): void {
    readPosition();
    // A question that is being edited stays in view.
    const isEditing = scroller.querySelector("textarea:focus") !== null;
    if (isSticking && !isEditing) toBottom();
  }

  scroller.addEventListener("scroll", readPosition, { passive: true });
  const onGrowth = new MutationObserver(keep);
  onGrowth.observe(scroller, { childList: true, characterData: true, subtree: true });
  // The composer grows, and a phone's keyboard opens.
  const onResize = globalThis.ResizeObserver && new ResizeObserver(keep);
  onResize?.observe(scroller);
  return {
    scrollToBottom() {
      setSticking(true);
      toBottom();
    },
    close() {
      scroller.removeEventListener("scroll", readPosition);
      onGrowth.disconnect();
      onResize?.disconnect();
    },
  };
}
