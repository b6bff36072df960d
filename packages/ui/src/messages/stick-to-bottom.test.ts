import { expect, test } from "vitest";
import { stickToBottom } from "./stick-to-bottom.ts";

/** A scroller whose content has a height that the test decides; like a browser's, it clamps. */
function open() {
  const scroller = document.createElement("div");
  scroller.innerHTML = '<p class="gs-message"></p>';
  const size = { content: 1000, view: 400 };
  let top = 0;
  const clamp = (value: number): number => Math.min(value, Math.max(0, size.content - size.view));
  const setTop = (value: number): void => {
    top = clamp(value);
  };
  Object.defineProperties(scroller, {
    scrollHeight: { get: () => size.content },
    clientHeight: { get: () => size.view },
    scrollTop: { get: () => (top = clamp(top)), set: setTop },
  });
  const changes: boolean[] = [];
  const bottom = stickToBottom(scroller, (isSticking) => changes.push(isSticking));
  bottom.scrollToBottom();
  /** As a token does: the content has another height when the mutation is told. */
  async function grow(height: number): Promise<void> {
    size.content = height;
    scroller.firstElementChild?.append("token ");
    await Promise.resolve();
  }
  return { scroller, size, changes, grow };
}

test("the end stays in view while the content grows", async () => {
  const { scroller, changes, grow } = open();
  await grow(1300);
  await grow(1320);
  expect([scroller.scrollTop, changes]).toEqual([920, []]);
});

test("a content that shrinks and grows before it is looked at lets go of nothing", async () => {
  const { scroller, size, changes, grow } = open();
  size.content = 700;
  expect(scroller.scrollTop).toBe(300);
  await grow(760);
  expect([scroller.scrollTop, changes]).toEqual([360, []]);
});

test("a view that becomes higher while the content grows lets go of nothing", async () => {
  const { scroller, size, changes, grow } = open();
  size.view = 700;
  expect(scroller.scrollTop).toBe(300);
  await grow(1100);
  expect([scroller.scrollTop, changes]).toEqual([400, []]);
});

test("three pixels upwards let go, and the end of the content takes hold again", async () => {
  const { scroller, changes, grow } = open();
  scroller.scrollTop -= 3;
  await grow(1200);
  expect([scroller.scrollTop, changes]).toEqual([597, [false]]);
  scroller.scrollTop = 1200;
  scroller.dispatchEvent(new Event("scroll"));
  await grow(1300);
  expect([scroller.scrollTop, changes]).toEqual([900, [false, true]]);
});
