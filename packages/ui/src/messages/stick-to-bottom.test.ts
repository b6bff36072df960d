import { afterEach, beforeEach, expect, test } from "vitest";
import { stickToBottom, type BottomSticker } from "./stick-to-bottom.ts";

// What jsdom, which lays nothing out, does not know.
let scrollHeight = 0;
let scroller: HTMLElement;
let bottom: BottomSticker;
let sticking: boolean[] = [];

beforeEach(() => {
  scrollHeight = 1000;
  sticking = [];
  scroller = document.createElement("div");
  scroller.innerHTML = '<p class="gs-message"></p><p class="gs-message"></p>';
  document.body.append(scroller);
  Object.defineProperties(scroller, {
    clientHeight: { value: 400 },
    scrollHeight: { get: () => scrollHeight },
  });
  bottom = stickToBottom(scroller, (isSticking) => sticking.push(isSticking));
  // As far as it goes.
  scroller.scrollTop = 600;
  scroller.dispatchEvent(new Event("scroll"));
});

afterEach(() => {
  bottom.close();
  scroller.remove();
});

/** A token: it makes the conversation longer. */
async function grow(): Promise<void> {
  scrollHeight += 100;
  scroller.append("token");
  // Observers of mutations are microtasks.
  await Promise.resolve();
}

test.each([
  ["a wheel", () => new WheelEvent("wheel", { deltaY: -1 })],
  ["a key", () => new KeyboardEvent("keydown", { key: "PageUp" })],
])("%s upwards lets go of the end before anything has scrolled", async (_, event) => {
  await grow();
  expect(scroller.scrollTop).toBe(scrollHeight);
  scroller.scrollTop = scrollHeight - 400;
  scroller.dispatchEvent(new Event("scroll"));
  const before = scroller.scrollTop;
  scroller.dispatchEvent(event());
  expect(sticking).toEqual([false]);
  await grow();
  expect(scroller.scrollTop).toBe(before);
});

test("a finger that pulls the conversation down lets go of the end, one that pushes it up does not", () => {
  const touch = (type: string, clientY: number): void => {
    const event = Object.assign(new Event(type), { touches: [{ clientY }] });
    scroller.dispatchEvent(event);
  };
  touch("touchstart", 200);
  touch("touchmove", 190);
  expect(sticking).toEqual([]);
  touch("touchmove", 205);
  expect(sticking).toEqual([false]);
});

test("a key in a field of the conversation, or a wheel downwards, does not let go", () => {
  const field = document.createElement("textarea");
  scroller.append(field);
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
  scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: 5 }));
  expect(sticking).toEqual([]);
});

test("what the reader unfolds stays where it is", async () => {
  const button = document.createElement("button");
  button.ariaExpanded = "false";
  scroller.append(button);
  await Promise.resolve();
  const before = scroller.scrollTop;
  button.addEventListener("click", () => void grow());
  button.click();
  await Promise.resolve();
  expect(sticking).toEqual([false]);
  expect(scroller.scrollTop).toBe(before);
});

test("scrolling back to the end keeps it in view again", async () => {
  scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
  scroller.scrollTop = 500;
  scroller.dispatchEvent(new Event("scroll"));
  scroller.scrollTop = 590;
  scroller.dispatchEvent(new Event("scroll"));
  expect(sticking).toEqual([false, true]);
  await grow();
  expect(scroller.scrollTop).toBe(scrollHeight);
});

test("an answer is at least as high as what its question leaves of the view, until the next one", () => {
  scroller.style.padding = "30px";
  const [question, answer] = scroller.querySelectorAll<HTMLElement>(".gs-message");
  if (!question || !answer) throw new Error("There are no messages.");
  question.getBoundingClientRect = () => new DOMRect(0, 100, 0, 50);
  answer.getBoundingClientRect = () => new DOMRect(0, 170, 0, 50);
  scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }));
  bottom.beginTurn(answer);
  expect(answer.style.minHeight).toBe("270px");
  expect(sticking).toEqual([false, true]);
  bottom.beginTurn(question);
  expect(answer.style.minHeight).toBe("");
});
