import { StreamError } from "@gatestream/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createScriptedChat } from "../testing/scripted-chat.ts";
import { createMessages, type MessagesView } from "./messages.ts";

let view: MessagesView | undefined;
let element: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  element = document.createElement("div");
  document.body.append(element);
});

afterEach(() => {
  view?.close();
  element.remove();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function open(options?: Parameters<typeof createScriptedChat>[0]) {
  const scripted = createScriptedChat(options);
  view = createMessages(element, { chat: scripted.chat });
  return scripted;
}

const find = (selector: string): HTMLElement => {
  const found = [...element.querySelectorAll<HTMLElement>(selector)].at(-1);
  if (found === undefined) throw new Error(`There is no ${selector}.`);
  return found;
};
const answer = (): HTMLElement => find("[data-role=assistant]");
const waiting = (): string | undefined => {
  const { hidden, textContent } = find(".gs-waiting");
  return hidden ? undefined : textContent;
};
/** What the visible buttons of the last answer say. */
const buttons = (): readonly HTMLButtonElement[] =>
  [...answer().querySelectorAll("button")].filter((it) => it.closest("[hidden]") === null);
const labels = () => buttons().map(({ textContent }) => textContent);
const press = (label: string): void =>
  buttons()
    .find(({ textContent }) => textContent === label)
    ?.click();
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("an answer shows at once that it is on its way, then says so, until there is text", async () => {
  const { chat, send, stop } = open();
  chat.send("Why?");
  expect(waiting()).toBe("");
  await pass(5000);
  expect(waiting()).toBe("Still working on the answer…");
  await pass(10_000);
  expect(waiting()).toBe("This is taking longer than usual.");
  send("Because");
  await pass(100);
  expect(waiting()).toBe(undefined);
  await pass(5000);
  expect(waiting()).toBe("Still working on the answer…");
  stop();
  await pass(100);
  expect(waiting()).toBe(undefined);
});

test("the reason for waiting is told where it is known", async () => {
  const { chat, send, stop } = open();
  chat.send("Why?");
  await pass(100);
  send({ type: "queued", position: 3 });
  await pass(6000);
  expect(waiting()).toBe("The gateway is busy. You are number 3 in line…");
  expect(find(".gs-banner").textContent).toBe(waiting());
  send({ type: "queued", position: 1 });
  await pass(10_000);
  const words = "The gateway is busy. You are next in line…";
  expect(waiting()).toBe(`This is taking longer than usual. ${words}`);
  expect(find(".gs-banner").textContent).toBe(words);
  stop();
  await pass(100);
});

test("the caret breathes when nothing has come for a second", async () => {
  const { chat, send, stop } = open();
  chat.send("Why?");
  await pass(100);
  send("Because");
  await pass(900);
  expect(answer().hasAttribute("data-quiet")).toBe(false);
  await pass(200);
  expect(answer().hasAttribute("data-quiet")).toBe(true);
  send(" of");
  await pass(100);
  expect(answer().hasAttribute("data-quiet")).toBe(false);
  stop();
  await pass(100);
});

test("an answer that was cut at its limit can be continued by a question", async () => {
  const { chat, send, stop, questions } = open();
  chat.send("Why?");
  await pass(100);
  send("Half");
  stop("length");
  await pass(100);
  expect(find(".gs-note").textContent).toContain("length limit");
  expect(labels()).toEqual(["Continue", "Copy", "Ask again"]);
  press("Continue");
  await pass(100);
  expect(questions).toEqual(["Why?", "Please continue where you stopped."]);
  stop();
  await pass(100);
});

test("an answer that the relay keeps is gone on with before it is asked for again", async () => {
  const { chat, send, fail, questions } = open({ resumable: true });
  chat.send("Why?");
  await pass(100);
  send("Half");
  await pass(100);
  fail(new StreamError("unauthorized", "401", { status: 401, retryable: false }));
  await pass(100);
  expect(chat.getSnapshot().canResume).toBe(true);
  expect(labels()).toEqual(["Continue", "Copy", "Ask again"]);
  press("Ask again");
  await pass(100);
  expect(questions).toEqual(["Why?", "Why?"]);
  expect(find(".gs-markdown").textContent).toBe("");
  chat.stop();
  await pass(100);
});

test("asking again has to wait as long as the relay says", async () => {
  const { chat, fail, questions, stop } = open();
  chat.send("Why?");
  await pass(100);
  fail(new StreamError("rate_limited", "429", { retryable: true, retryAfterMs: 3000 }));
  await pass(100);
  const retry = buttons().at(-1);
  expect([retry?.textContent, retry?.disabled]).toEqual(["Ask again", true]);
  await pass(3000);
  expect([retry?.disabled, retry?.dataset["kind"]]).toEqual([false, "primary"]);
  press("Ask again");
  await pass(100);
  expect(questions).toEqual(["Why?", "Why?"]);
  stop();
  await pass(100);
});

test("an answer that is gone on with shows that it is waited for, too", async () => {
  const { chat, send } = open({ resumable: true });
  chat.send("Why?");
  send("Half");
  await pass(100);
  chat.dispose({ onUnmount: "detach" });
  await pass(6000);
  expect([answer().dataset["status"], waiting()]).toEqual(["cancelled", undefined]);
  press("Continue");
  await pass(1200);
  const { dataset } = answer();
  expect([dataset["status"], dataset["quiet"]]).toEqual(["streaming", ""]);
  chat.stop();
  await pass(100);
});

test("an answer that was left in its middle, and is only shown again, can be asked for again", async () => {
  const saved = {
    messages: [
      { id: "1", role: "user", content: "Why?" },
      { id: "2", role: "assistant", content: "Half" },
    ],
    checkpoint: { streamId: "gone", lastEventId: 1, text: "Half" },
  };
  const persist = { load: () => saved, save() {}, clear() {} };
  const { chat } = open({ autoResume: false, persist });
  chat.restore();
  await pass(100);
  expect([answer().dataset["status"], waiting()]).toEqual(["streaming", undefined]);
  expect(labels()).toContain("Ask again");
});
