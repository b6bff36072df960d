import { eventuallyTrue } from "@gatestream/testing/eventually";
import type { ChatMessage } from "@gatestream/client/chat";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createScriptedChat } from "../testing/scripted-chat.ts";
import { createMessages, type MessagesOptions, type MessagesView } from "./messages.ts";

let view: MessagesView | undefined;
let element: HTMLElement;

beforeEach(() => {
  element = document.createElement("div");
  document.body.append(element);
});

afterEach(() => {
  view?.close();
  element.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, "clipboard");
});

const initialMessages = [
  { role: "user", content: "Why?", createdAt: Date.UTC(2024, 4, 3, 12, 30) },
  { role: "assistant", content: "It is **blue**.\n\n```js\nlet a;\n```" },
];

function open(options: Omit<MessagesOptions, "chat"> = {}, messages = initialMessages) {
  const scripted = createScriptedChat({ initialMessages: messages });
  view = createMessages(element, { chat: scripted.chat, ...options });
  return scripted;
}

const isVisible = (button: Element): boolean => button.closest("[hidden]") === null;
const visible = (): readonly HTMLButtonElement[] =>
  [...element.querySelectorAll<HTMLButtonElement>(".gs-message button")].filter(isVisible);
const names = (): readonly (string | null)[] => visible().map(({ ariaLabel }) => ariaLabel);
function find(name: string): HTMLButtonElement {
  const found = visible().find(({ ariaLabel }) => ariaLabel === name);
  if (found === undefined) throw new Error(`There is no ${name}: ${names().join(", ")}`);
  return found;
}
const shownTexts = () =>
  [...element.querySelectorAll(".gs-text, .gs-markdown")].map((it) => it.textContent);

/** Asks, and has it answered. */
async function ask(
  { chat, send, stop }: ReturnType<typeof open>,
  action: () => void,
  text: string,
) {
  action();
  await eventuallyTrue(() => chat.getSnapshot().isRunning);
  send(text);
  stop();
  await eventuallyTrue(() => !chat.getSnapshot().isRunning);
}

test("buttons are named for the message that they belong to, and begin with what they say", async () => {
  const scripted = open();
  await ask(scripted, () => scripted.chat.send("And now?"), "Now too.");
  expect(names()).toEqual([
    "Copy message 1",
    "Edit message 1",
    "Copy code",
    "Copy answer 1",
    "Ask again answer 1",
    "Copy message 2",
    "Edit message 2",
    "Copy answer 2",
    "Ask again answer 2",
  ]);
  for (const button of visible()) {
    expect(button.ariaLabel?.startsWith(button.textContent)).toBe(true);
    if (button.ariaLabel !== "Copy code") {
      expect(button.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
    }
  }
});

test("an answer is copied as Markdown and as it is shown, without its buttons", async () => {
  const written: Record<string, Blob>[] = [];
  vi.stubGlobal(
    "ClipboardItem",
    class {
      readonly parts: Record<string, Blob>;
      constructor(parts: Record<string, Blob>) {
        this.parts = parts;
      }
    },
  );
  const write = async (items: readonly { parts: Record<string, Blob> }[]): Promise<void> => {
    written.push(...items.map(({ parts }) => parts));
  };
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { write } });
  open();
  find("Copy answer 1").click();
  await eventuallyTrue(() => element.querySelector(".gs-announcement")?.textContent === "Copied");
  expect(find("Copied answer 1").textContent).toBe("Copied");
  const [parts] = written;
  expect(await parts?.["text/plain"]?.text()).toBe(initialMessages[1]?.content);
  const html = await parts?.["text/html"]?.text();
  expect(html).toContain("<strong>blue</strong>");
  expect(html).toContain("let a;");
  expect(html).not.toContain("button");
  // The copy on the page still has its buttons.
  expect(find("Copy code")).toBeDefined();
});

test("a clipboard that takes text alone gets the Markdown, and the button is itself again", async () => {
  vi.useFakeTimers();
  const written: string[] = [];
  const writeText = async (text: string): Promise<void> => void written.push(text);
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText } });
  open();
  find("Copy answer 1").click();
  await vi.advanceTimersByTimeAsync(0);
  expect(written).toEqual([initialMessages[1]?.content]);
  expect(find("Copied answer 1").textContent).toBe("Copied");
  await vi.advanceTimersByTimeAsync(2000);
  expect(find("Copy answer 1").textContent).toBe("Copy");
});

test("answers that were asked for again are branches, and the focus goes along", async () => {
  const scripted = open();
  await ask(scripted, () => find("Ask again answer 1").click(), "It is grey.");
  expect(element.textContent).toContain("2 / 2");
  expect(find("Next version answer 1").disabled).toBe(true);
  find("Previous version answer 1").click();
  expect(shownTexts()[1]).toContain("It is blue.");
  expect(element.textContent).toContain("1 / 2");
  expect(document.activeElement).toBe(find("Next version answer 1"));
  find("Next version answer 1").click();
  expect(shownTexts()).toEqual(["Why?", "It is grey."]);
});

test("a question in other words is a branch with what follows it", async () => {
  const scripted = open();
  const { chat } = scripted;
  const [question] = chat.getSnapshot().messages;
  await ask(scripted, () => chat.edit(question?.id ?? "", "Why not?"), "No.");
  expect(shownTexts()).toEqual(["Why not?", "No."]);
  find("Previous version message 1").click();
  expect(shownTexts()[0]).toBe("Why?");
  chat.send("And now?");
  await eventuallyTrue(() => chat.getSnapshot().isRunning);
  expect(find("Next version message 1").disabled).toBe(true);
  expect(names()).not.toContain("Edit message 1");
  chat.stop();
});

test("an earlier answer can be asked for again, and an empty one is no branch", async () => {
  const scripted = open();
  const { chat, stop, questions } = scripted;
  await ask(scripted, () => chat.send("And now?"), "Now too.");
  await ask(scripted, () => find("Ask again answer 1").click(), "");
  expect(questions).toEqual(["And now?", "Why?"]);
  find("Ask again answer 1").click();
  await eventuallyTrue(() => chat.getSnapshot().isRunning);
  stop();
  await eventuallyTrue(() => !chat.getSnapshot().isRunning);
  expect(element.textContent).toContain("2 / 2");
});

test("ratings are there when they are wanted, and tell which answer is meant", () => {
  open();
  expect(names()).not.toContain("Good answer 1");
  view?.close();
  const given: [ChatMessage, string][] = [];
  open({ onFeedback: (message, rating) => given.push([message, rating]) });
  find("Good answer 1").click();
  find("Bad answer 1").click();
  expect(given.map(([{ content }, rating]) => [content, rating])).toEqual([
    [initialMessages[1]?.content, "up"],
    [initialMessages[1]?.content, "down"],
  ]);
  expect([find("Good answer 1").ariaPressed, find("Bad answer 1").ariaPressed]).toEqual([
    "false",
    "true",
  ]);
});

test("when a message was written is told, where it is known", () => {
  open();
  const [first, second] = element.querySelectorAll("time");
  expect(first?.dateTime).toBe("2024-05-03T12:30:00.000Z");
  expect(first?.title).toContain("2024");
  expect(second?.hidden).toBe(true);
});

test("events of the gateway's own are shown by the page, each once", async () => {
  const rendered: string[] = [];
  const { chat, send, stop } = open({
    renderEvent(event, { role }) {
      rendered.push(`${role} ${event.type}`);
      if (event.type !== "citation") return undefined;
      const link = document.createElement("a");
      link.href = String(event["url"]);
      return link;
    },
  });
  chat.send("Where?");
  send({ type: "citation", content: "1", index: 0, url: "https://example.com/1" });
  send({ type: "trace", content: "", index: 1 });
  send("Here");
  await eventuallyTrue(() => shownTexts().at(-1) === "Here");
  send({ type: "citation", content: "2", index: 2, url: "https://example.com/2" });
  stop();
  await eventuallyTrue(() => !chat.getSnapshot().isRunning);
  expect(rendered).toEqual(["assistant citation", "assistant trace", "assistant citation"]);
  const links = [...element.querySelectorAll<HTMLAnchorElement>(".gs-own-events a")];
  expect(links.map(({ href }) => href)).toEqual(["https://example.com/1", "https://example.com/2"]);
});

test("a token touches the last message alone, however many there are", async () => {
  const messages = Array.from({ length: 500 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `Message ${index}`,
  }));
  const { chat, send, stop } = open({}, messages);
  chat.send("Why?");
  send("One");
  await eventuallyTrue(() => shownTexts().at(-1) === "One");
  const touched = new Set<Element | null>();
  let recordCount = 0;
  const watch = { attributes: true, childList: true, characterData: true, subtree: true };
  const observer = new MutationObserver((records) => {
    recordCount += records.length;
    for (const { target } of records) {
      const at = target instanceof Element ? target : target.parentElement;
      touched.add(at?.closest(".gs-message") ?? at);
    }
  });
  observer.observe(element, watch);
  send(" two");
  await eventuallyTrue(() => shownTexts().at(-1) === "One two");
  expect([...touched]).toEqual([element.querySelector(".gs-message:last-of-type")]);
  expect(recordCount).toBeLessThan(5);
  observer.disconnect();
  stop();
  await eventuallyTrue(() => !chat.getSnapshot().isRunning);
});
