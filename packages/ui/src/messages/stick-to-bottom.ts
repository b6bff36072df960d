/** Keeps the end of a conversation in view. */
export interface BottomSticker {
  /** Goes to the end, and keeps what comes next in view. */
  scrollToBottom(): void;
  /**
   * Puts what stands before `answer`, its question, at the top of the view: the answer is at least as
   * high as the rest of the view, and grows into it. Until another one begins.
   */
  beginTurn(answer: HTMLElement): void;
  close(): void;
}

const nearBottomPixels = 40;

/**
 * Keeps the end of `scroller` in view while messages (`.gs-message`) come and grow in it. Any scroll
 * upwards, however small, ends that, as does a wheel, finger or key that is about to; scrolling back
 * to the end, or `scrollToBottom`, begins it again.
 *
 * @param onChange Called when it begins or ends; it sticks at first.
 */
export function stickToBottom(
  scroller: HTMLElement,
  onChange: (isSticking: boolean) => void,
): BottomSticker {
  let isSticking = true;
  let lastTop = scroller.scrollTop;
  let lastHeight = scroller.scrollHeight;
  let lastViewHeight = scroller.clientHeight;
  let turn: HTMLElement | undefined;
  let touchY = 0;
  const closing = new AbortController();

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
    // What has become shorter is scrolled up by the browser: to its end, which may have grown since.
    const isMovedByLayout = scrollHeight < lastHeight || clientHeight !== lastViewHeight;
    if (!hasMessages() || scrollHeight <= clientHeight) setSticking(true);
    else if (isSticking) setSticking(isMovedByLayout || scrollTop >= lastTop || distance <= 1);
    else if (scrollTop > lastTop) setSticking(distance < nearBottomPixels);
    lastTop = scrollTop;
    lastHeight = scrollHeight;
    lastViewHeight = clientHeight;
  }

  function toBottom(): void {
    // What is there as long as nothing is asked is read from its beginning.
    if (!hasMessages()) return;
    scroller.scrollTop = scroller.scrollHeight;
    lastTop = scroller.scrollTop;
  }

  function keep(): void {
    readPosition();
    // A question that is being edited stays in view. In a window that is not active, nothing matches `:focus`.
    const isEditing = scroller.querySelector(".gs-editor") !== null;
    if (isSticking && !isEditing) toBottom();
  }

  function fitTurn(): void {
    const question = turn?.previousElementSibling;
    if (!turn || !question) return;
    const { paddingTop, paddingBottom } = getComputedStyle(scroller);
    const above = turn.getBoundingClientRect().top - question.getBoundingClientRect().top;
    const height =
      scroller.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom) - above;
    turn.style.minHeight = `${height}px`;
  }

  /** A wheel, a finger or a key that is about to scroll upwards. */
  function onGesture(event: Event): void {
    const { deltaY, touches, key, type, target } = event as WheelEvent & TouchEvent & KeyboardEvent;
    const y = touches?.[0]?.clientY ?? 0;
    if (type === "touchstart") touchY = y;
    const isKey = ["ArrowUp", "PageUp", "Home"].includes(key);
    const isUpwards =
      deltaY < 0 || y > touchY || (isKey && !(target instanceof HTMLTextAreaElement));
    // The next token may come before the scroll event of what the reader does now.
    if (isUpwards && scroller.scrollTop > 0) setSticking(false);
  }

  const listening = { passive: true, signal: closing.signal };
  scroller.addEventListener("scroll", readPosition, listening);
  for (const type of ["wheel", "touchstart", "touchmove", "keydown"]) {
    scroller.addEventListener(type, onGesture, listening);
  }
  // What is unfolded is read from where it is. In the capture phase: before it has grown.
  scroller.addEventListener(
    "click",
    ({ target }) => {
      if (target instanceof Element && target.closest("[aria-expanded]")) setSticking(false);
    },
    { ...listening, capture: true },
  );
  const onGrowth = new MutationObserver(keep);
  onGrowth.observe(scroller, { childList: true, characterData: true, subtree: true });
  // The composer grows, and a phone's keyboard opens.
  const onResize =
    globalThis.ResizeObserver &&
    new ResizeObserver(() => {
      fitTurn();
      keep();
    });
  onResize?.observe(scroller);
  function scrollToBottom(): void {
    setSticking(true);
    toBottom();
  }

  return {
    scrollToBottom,
    beginTurn(answer) {
      turn?.style.removeProperty("min-height");
      turn = answer;
      fitTurn();
      scrollToBottom();
    },
    close() {
      closing.abort();
      onGrowth.disconnect();
      onResize?.disconnect();
    },
  };
}
