import { afterEach, expect, test, vi } from "vitest";
import { english } from "../labels/english.ts";
import { createCodeBlock } from "./code-block.ts";

afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(navigator, "clipboard");
});

function setClipboard(writeText: (text: string) => Promise<void>): void {
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText } });
}

function open(): { readonly button: HTMLButtonElement; readonly told: () => string } {
  const block = createCodeBlock("js", { labels: english });
  block.setText("let a");
  block.setText("let a;\nlet b;");
  const button = block.element.querySelector("button");
  if (button === null) throw new Error("There is no button.");
  return { button, told: () => block.element.querySelector("[role=status]")?.textContent ?? "" };
}

test("the button copies the whole code, says so politely, and is itself again", async () => {
  vi.useFakeTimers();
  const copied: string[] = [];
  setClipboard(async (text) => void copied.push(text));
  const { button, told } = open();
  expect([button.textContent, button.ariaLabel]).toEqual(["Copy", "Copy code"]);
  button.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(copied).toEqual(["let a;\nlet b;"]);
  expect([button.textContent, told()]).toEqual(["Copied", "Copied"]);
  await vi.advanceTimersByTimeAsync(2000);
  expect([button.textContent, told()]).toEqual(["Copy", ""]);
});

test("where the page may not copy, the button says it", async () => {
  vi.useFakeTimers();
  setClipboard(() => Promise.reject(new Error("not allowed")));
  const { button, told } = open();
  button.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(told()).toBe("Cannot copy");
  await vi.advanceTimersByTimeAsync(2000);
});

test("code that grows keeps its text node, and so what is selected in it", () => {
  const block = createCodeBlock("", { labels: english });
  block.setText("a");
  const node = block.element.querySelector("code")?.firstChild;
  block.setText("a\nb");
  expect(block.element.querySelector("code")?.firstChild).toBe(node);
  expect(node?.textContent).toBe("a\nb");
});
