import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMessages, type MessagesOptions, type MessagesView } from "../messages/messages.ts";
import { createScriptedChat } from "../testing/scripted-chat.ts";

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

function open(
  options: Partial<MessagesOptions> = {},
  chatOptions?: Parameters<typeof createScriptedChat>[0],
) {
  const scripted = createScriptedChat(chatOptions);
  view = createMessages(element, { ...options, chat: scripted.chat });
  return scripted;
}

const find = <Found extends HTMLElement>(selector: string): Found => {
  const found = element.querySelector<Found>(selector);
  if (found === null) throw new Error(`There is no ${selector}.`);
  return found;
};
const pass = (ms = 100) => vi.advanceTimersByTimeAsync(ms);
const texts = (selector: string) =>
  [...element.querySelectorAll(selector)].map(({ textContent }) => textContent);

test("reasoning is folded above the text, and shows that it is running, then its duration", async () => {
  const { chat, send, stop } = open();
  chat.send("Why?");
  send({ type: "reasoning", content: "First, " });
  await pass();
  expect(find(".gs-reasoning summary").textContent).toBe("Thinking…");
  expect(find(".gs-reasoning").hasAttribute("data-live")).toBe(true);
  expect(find(".gs-waiting").hidden).toBe(true);
  find<HTMLDetailsElement>(".gs-reasoning").open = true;
  await pass();
  send({ type: "reasoning", content: "**this**." });
  await pass(4000);
  expect(find(".gs-reasoning strong").textContent).toBe("this");
  send("Because.");
  stop();
  await pass();
  expect(find(".gs-reasoning summary").textContent).toBe("Thought for 4 seconds");
  expect(find<HTMLDetailsElement>(".gs-reasoning").open).toBe(true);
  expect(find(".gs-reasoning").hasAttribute("data-live")).toBe(false);
  const steps = find(".gs-steps");
  expect(steps.nextElementSibling?.textContent).toBe("Because.");
  expect(find(".gs-announcement").textContent).toBe("Because.");
});

test("a saved answer does not say how long was thought, and one without parts is as it was", async () => {
  const saved = {
    messages: [
      { id: "1", role: "user", content: "Why?" },
      {
        id: "2",
        role: "assistant",
        content: "So.",
        status: "done" as const,
        parts: [
          { type: "reasoning" as const, text: "Hm." },
          { type: "text" as const, text: "So." },
        ],
      },
      { id: "3", role: "user", content: "And?" },
      { id: "4", role: "assistant", content: "So too.", status: "done" as const },
    ],
  };
  open({}, { persist: { load: () => saved, save() {}, clear() {} } });
  await pass();
  expect(texts(".gs-reasoning summary")).toEqual(["Thoughts"]);
  const steps = [...element.querySelectorAll<HTMLElement>(".gs-steps, .gs-extras")];
  expect(steps.map(({ hidden }) => hidden)).toEqual([false, true, true, true]);
});

test("a tool call is a row with its state, and its arguments folded", async () => {
  const { chat, send, stop } = open();
  chat.send("Where is it?");
  send({ type: "tool_call", callId: "1", name: "find_order", argumentsDelta: '{"id":' });
  await pass();
  const row = find(".gs-tool-call");
  expect(row.querySelector("summary")?.textContent).toBe("find_orderPreparing…");
  expect(find(".gs-step-data").textContent).toBe('{"id":');
  send({
    type: "tool_call",
    callId: "1",
    name: "find_order",
    argumentsDelta: "4711}",
    isComplete: true,
  });
  stop("tool_calls");
  await pass();
  expect(find(".gs-tool-call")).toBe(row);
  expect(row.querySelector("summary")?.textContent).toBe("find_orderCalled");
  expect(find(".gs-step-data").textContent).toBe('{\n  "id": 4711\n}');
  // It has no text, and is not empty.
  expect(find(".gs-note").hidden).toBe(true);
});

test("a tool that the page runs says so, and shows what came of it", async () => {
  let finish: ((result: unknown) => void) | undefined;
  const onToolCall = () => new Promise<unknown>((resolve) => (finish = resolve));
  const { chat, send, stop } = open({}, { onToolCall });
  chat.send("Where is it?");
  send({ type: "tool_call", callId: "1", name: "find_order", arguments: "{}", isComplete: true });
  stop("tool_calls");
  await pass();
  expect(find(".gs-step-state").textContent).toBe("Running…");
  finish?.({ place: "here" });
  await pass();
  expect(find(".gs-step-state").textContent).toBe("Done");
  expect(texts(".gs-step-data")).toEqual(["{}", '{\n  "place": "here"\n}']);
  send("Here.");
  stop();
  await pass();
  expect(texts(".gs-step-state")).toEqual(["Done"]);
});

test("a page may show calls in its own way, and leave others as they are", async () => {
  const { chat, send, stop } = open({
    renderToolCall: ({ name, arguments: text }) =>
      name === "weather" ? new Text(`Weather: ${text}`) : undefined,
  });
  chat.send("Where is it?");
  send({ type: "tool_call", callId: "1", name: "weather", argumentsDelta: "{" });
  send({ type: "tool_call", callId: "2", name: "other", arguments: "{}", isComplete: true });
  await pass();
  send({ type: "tool_call", callId: "1", name: "weather", argumentsDelta: "}", isComplete: true });
  stop();
  await pass();
  expect(texts(".gs-tool-call")).toEqual(["Weather: {}", "otherCalled{}"]);
});

test("sources are a numbered list, and [1] in the text is the link to source 1, not in code", async () => {
  const { chat, send, stop } = open();
  chat.send("Why?");
  send("It is so [1], and so [2][3]. `a[1]` [4]\n\nMore");
  await pass();
  expect(texts(".gs-citation")).toEqual([]);
  send({ type: "source", sourceId: "1", url: "https://example.com/a", title: "The *book*" });
  send({ type: "source", sourceId: "3", url: "javascript:alert(1)", title: "Bad" });
  send({ type: "source", sourceId: "1", url: "https://example.com/b" });
  await pass();
  send(" [1] and [3].");
  stop();
  await pass();
  const marks = [...element.querySelectorAll<HTMLElement>(".gs-citation")];
  expect(marks.map(({ tagName, textContent }) => `${tagName} ${textContent}`)).toEqual([
    "A [1]",
    "SPAN [3]",
    "A [1]",
    "SPAN [3]",
  ]);
  expect(marks[0]?.getAttribute("href")).toBe("https://example.com/a");
  expect(marks[0]?.getAttribute("aria-label")).toBe("[1] The *book*");
  expect(marks[0]?.dataset["title"]).toBe("The *book*");
  const items = [...element.querySelectorAll(".gs-sources li")];
  expect(items.map((item) => [item.getAttribute("value"), item.innerHTML])).toEqual([
    ["1", expect.stringContaining('href="https://example.com/a"')],
    ["3", "<span>Bad</span>"],
  ]);
});

test("an image is a link unless its origin is allowed; other files are links of safe schemes", async () => {
  const { chat, send, stop } = open({ imageOrigins: ["https://images.example.com"] });
  chat.send("Draw it.");
  const images = [
    "https://evil.example/leak.png?secret",
    "https://images.example.com/a%20b.png",
    "https://images.example.com.evil.example/x.png",
    "javascript:alert(1)",
  ];
  for (const url of images) send({ type: "file", mediaType: "image/png", url });
  send({ type: "file", mediaType: "image/png", data: "AAAA" });
  stop();
  await pass();
  const shown = [...(find(".gs-files").children as Iterable<HTMLElement>)];
  expect(shown.map(({ tagName }) => tagName)).toEqual(["A", "IMG", "A", "SPAN", "BUTTON"]);
  expect(shown[1]?.getAttribute("alt")).toBe("a b.png");
  expect(shown[0]?.textContent).toBe("leak.png");
  // It is not loaded before it is asked for.
  expect(element.querySelectorAll("img").length).toBe(1);
});

test("a file that came with the answer is saved by its button", async () => {
  const { chat, send, stop } = open();
  chat.send("Make it.");
  send({ type: "file", mediaType: "text/csv", data: btoa("a,b") });
  stop();
  await pass();
  let saved: Blob | undefined;
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => {
      saved = blob;
      return "blob:x";
    },
    revokeObjectURL() {},
  });
  const names: string[] = [];
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    names.push(this.download);
  });
  find(".gs-file").click();
  expect(names).toEqual(["file.csv"]);
  expect([saved?.type, saved?.size]).toEqual(["text/csv", 3]);
  clicked.mockRestore();
  await pass(60_000);
});

test("images of a question are named", async () => {
  const { chat, stop } = open();
  chat.send("What is this?", {
    attachments: [
      { type: "image", url: "https://example.com/photos/receipt.png?size=2" },
      { type: "image", data: "AAAA", mediaType: "image/png" },
    ],
  });
  await pass();
  expect(texts(".gs-images li")).toEqual(["receipt.png", "Image 2"]);
  expect(element.querySelectorAll("img").length).toBe(0);
  stop();
  await pass();
});
