import { eventuallyTrue } from "@gatestream/testing/eventually";
import { createClient } from "@gatestream/client";
import { createTestTransport } from "@gatestream/client/testing";
import { english } from "@gatestream/ui";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { GatestreamChat, type GatestreamChatEvents } from "./index.ts";

beforeAll(() => {
  // jsdom has no constructed style sheets.
  vi.stubGlobal(
    "CSSStyleSheet",
    class {
      replaceSync(): void {}
    },
  );
});

afterEach(() => {
  document.body.replaceChildren();
  sessionStorage.clear();
  vi.restoreAllMocks();
});

/** A chat in the page, whose client answers "Blue." at once; what attributes ask for may not be loaded yet. */
function open(attributes: Readonly<Record<string, string>> = {}) {
  const element = document.createElement("gatestream-chat");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.client = createClient({ transport: createTestTransport(["Blue."]) });
  document.body.append(element);
  const all = <Found extends HTMLElement>(selector: string): readonly Found[] => [
    ...(element.shadowRoot?.querySelectorAll<Found>(selector) ?? []),
  ];
  return {
    element,
    all,
    part<Found extends HTMLElement>(name: string): Found {
      const [found] = all<Found>(`[part~="${name}"]`);
      if (found === undefined) throw new Error(`There is no ${name}.`);
      return found;
    },
    untilThere: (name: string) => eventuallyTrue(() => all(`[part~="${name}"]`).length > 0),
    untilDone: (count = 1) => eventuallyTrue(() => all("[data-status=done]").length === count),
  };
}

test("a greeting, prompts and a disclaimer; a prompt that is pressed is asked", async () => {
  const { part, all, untilDone } = open({
    greeting: "Hello!",
    prompts: "What colour is the sky? | And the sea?",
  });
  expect(part("empty").textContent).toContain("Hello!");
  const prompts = all("[part=prompt]");
  expect(prompts.map(({ textContent }) => textContent)).toEqual([
    "What colour is the sky?",
    "And the sea?",
  ]);
  expect(part("disclaimer").textContent).toBe(english.disclaimer);
  prompts[1]?.click();
  await untilDone();
  expect(part("question").textContent).toBe("And the sea?");
});

test("a disclaimer of one's own, or none", () => {
  const { element, part, all } = open({ disclaimer: "Beta." });
  expect(part("disclaimer").textContent).toBe("Beta.");
  element.setAttribute("disclaimer", "");
  expect(all("[part=disclaimer]")).toEqual([]);
});

test("ratings are there with the attribute, and fire an event with the answer", async () => {
  const { element, all, untilDone } = open({ feedback: "" });
  const rated = vi.fn();
  element.addEventListener("gatestream-feedback", (event) =>
    rated((event as GatestreamChatEvents["gatestream-feedback"]).detail),
  );
  element.send("What colour is the sky?");
  await untilDone();
  all("[data-icon=down]")[0]?.click();
  expect(rated.mock.calls).toMatchObject([[{ message: { content: "Blue." }, rating: "down" }]]);
  const without = open();
  without.element.send("What colour is the sky?");
  await without.untilDone();
  expect(without.all("[data-icon=down]")).toEqual([]);
});

test("a button that asks for a person fires an event with the conversation", async () => {
  const { element, part, all, untilDone } = open();
  expect(all("[part=handover]")).toEqual([]);
  element.setAttribute("handover", "");
  element.send("Is it blue?");
  await untilDone();
  const heard = vi.fn<(contents: readonly string[]) => void>();
  document.addEventListener(
    "gatestream-handover",
    ({ detail }) => heard(detail.messages.map(({ content }) => content)),
    { once: true },
  );
  expect(part("handover").textContent).toBe("Talk to a person");
  part("handover").click();
  expect(heard).toHaveBeenCalledWith(["Is it blue?", "Blue."]);
});

test("the conversation is saved as a Markdown file", async () => {
  const { element, part, untilDone } = open({ download: "" });
  element.send("Is it blue?");
  await untilDone();
  let saved: Blob | undefined;
  Object.assign(URL, {
    createObjectURL(blob: Blob) {
      saved = blob;
      return "blob:x";
    },
    revokeObjectURL() {},
  });
  let name = "";
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    name = this.download;
  });
  part("download").click();
  expect(name).toBe("conversation.md");
  const text = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.readAsText(saved ?? new Blob());
  });
  expect(text).toBe("# Conversation\n\n## You\n\nIs it blue?\n\n## Answer\n\nBlue.\n");
});

test("a bubble opens the chat, counts answers that nobody has seen, and Escape closes it", async () => {
  const { element, part, untilThere, untilDone } = open({ launcher: "", heading: "Help" });
  await untilThere("launcher");
  const panel = part("chat");
  const launcher = part("launcher");
  expect(panel.hidden).toBe(true);
  expect(launcher.ariaLabel).toBe("Open chat");
  expect(part("unread").hidden).toBe(true);
  element.send("Is it blue?");
  await untilDone();
  expect(part("unread").textContent).toBe("1");
  expect(launcher.ariaLabel).toBe("Open chat, one new answer");
  launcher.click();
  expect(panel.hidden).toBe(false);
  expect([panel.role, panel.ariaLabel, launcher.ariaLabel]).toEqual([
    "dialog",
    "Help",
    "Close chat",
  ]);
  expect(element.shadowRoot?.activeElement).toBe(part("input"));
  expect(part("unread").hidden).toBe(true);
  part("input").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(panel.hidden).toBe(true);
  expect(element.shadowRoot?.activeElement).toBe(launcher);
  element.removeAttribute("launcher");
  await eventuallyTrue(() => !panel.hidden);
  expect(panel.role).toBe(null);
});

test("a list of conversations: a new one, and back to the one before", async () => {
  const { element, part, untilThere, untilDone } = open({
    persist: "chats",
    conversations: "",
    heading: "Help",
  });
  await untilThere("conversations");
  const list = () => part<HTMLSelectElement>("conversations");
  const titles = () => [...list().options].map(({ text }) => text);
  expect(titles()).toEqual(["New chat"]);
  element.send("Is it blue?");
  await untilDone();
  part("reset").click();
  expect(titles()).toEqual(["New chat", "Is it blue?"]);
  expect(element.chat?.getSnapshot().messages).toEqual([]);
  element.send("Is it green?");
  await untilDone();
  list().dispatchEvent(new Event("focus"));
  expect(titles()).toEqual(["Is it green?", "Is it blue?"]);
  list().value = "";
  list().dispatchEvent(new Event("change"));
  await untilThere("question");
  expect(part("question").textContent).toBe("Is it blue?");
  expect(list().selectedOptions[0]?.text).toBe("Is it blue?");
});

test("words in another language, also when it changes, and English where there are none", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const { element, all } = open({ lang: "de-AT" });
  const send = () => all("[part=send]")[0]?.textContent;
  await eventuallyTrue(() => send() === "Senden");
  element.chat?.setDraft("Hallo");
  element.lang = "xx";
  await eventuallyTrue(() => send() === "Send");
  expect(all<HTMLTextAreaElement>("textarea")[0]?.value).toBe("Hallo");
  expect(warned.mock.calls[0]?.[0]).toBe('gatestream: no words in "xx", so they are English.');
  element.labels = { ...english, send: "Go" };
  expect(send()).toBe("Go");
});

test("a logo beside the title", () => {
  const { part, element } = open({ logo: "/logo.svg", heading: "Help" });
  expect(part<HTMLImageElement>("logo").getAttribute("src")).toBe("/logo.svg");
  expect(part("heading").textContent).toBe("Help");
  expect(element).toBeInstanceOf(GatestreamChat);
});
