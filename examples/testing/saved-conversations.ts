import { expect, test } from "vitest";

import type { ChatPage } from "./chat-page.ts";
import type { ChatRoom } from "./chat-room.ts";

interface Saved {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  readonly status?: string;
  readonly reason?: string;
}

/** Conversations that a reload finds: what they show, and that they can be gone on with. */
export function describeSavedConversations({ open, emulator }: ChatRoom): void {
  async function openWith(...saved: readonly Saved[]): Promise<ChatPage> {
    const chat = await open({ width: 600, height: 420 });
    const messages = saved.map((message, index) => Object.assign({ id: String(index) }, message));
    await chat.page.evaluate((json) => {
      sessionStorage.setItem("gatestream-chat", json);
    }, JSON.stringify({ messages }));
    await chat.page.reload();
    await chat.page.waitForSelector(".gs-message");
    return chat;
  }

  const shown = (chat: ChatPage): Promise<string> =>
    chat.page.$eval(".gs-messages", (messages) => messages.textContent);

  /** A key as WebKit tells of it when an input method has just used it. */
  async function pressAfterComposition(chat: ChatPage, selector: string, key: string) {
    await chat.page.$eval(
      selector,
      (field, name) => {
        const init = { key: name, keyCode: 229, bubbles: true, cancelable: true };
        field.dispatchEvent(new KeyboardEvent("keydown", init));
      },
      key,
    );
  }

  test("an answer that no parser can read is shown as text, and the next question is answered", async () => {
    const chat = await openWith(
      { role: "user", content: "Hello" },
      { role: "assistant", content: ">".repeat(2000), status: "done" },
    );
    expect(await shown(chat)).toContain(">".repeat(2000));
    await chat.ask("What is on my invoice?");
    await chat.untilStatus("done");
    expect(await chat.transcript()).toHaveLength(4);
  });

  test("instructions to the model are not shown", async () => {
    const chat = await openWith(
      { role: "system", content: "Be secretive." },
      { role: "user", content: "Hello" },
    );
    expect(await shown(chat)).not.toContain("secretive");
    await chat.ask("What is on my invoice?");
    await chat.untilStatus("done");
    expect((await chat.transcript())[0]).toBe("system: Be secretive.");
  });

  test("answers that are empty, cut at a limit or filtered say so", async () => {
    const question = { role: "user", content: "Hello" } as const;
    const chat = await openWith(
      question,
      { role: "assistant", content: "", status: "done", reason: "stop" },
      question,
      { role: "assistant", content: "Half", status: "done", reason: "length" },
      question,
      { role: "assistant", content: "Some", status: "done", reason: "content_filter" },
    );
    const notes = await chat.page.$$eval(".gs-note", (all) => all.map((it) => it.textContent));
    expect(notes).toEqual([
      "The answer is empty.",
      "The answer reached its length limit and is incomplete.",
      "A content filter ended the answer.",
    ]);
  });

  test("an answer that was stopped shows no half mark and no half link", async () => {
    const chat = await openWith(
      { role: "user", content: "Hello" },
      { role: "assistant", content: "See **this [page](https://exam", status: "cancelled" },
    );
    expect(await shown(chat)).toContain("See this page");
    expect(await chat.page.$(".gs-markdown a")).toBe(null);
  });

  test("keys that an input method has used do not send, and do not lose a draft", async () => {
    const chat = await openWith({ role: "user", content: "Hello" });
    await chat.page.type(".gs-composer textarea", "Hi");
    await pressAfterComposition(chat, ".gs-composer textarea", "Enter");
    await chat.press("Edit");
    await chat.page.keyboard.type(" again");
    await pressAfterComposition(chat, ".gs-editor textarea", "Escape");
    await pressAfterComposition(chat, ".gs-editor textarea", "Enter");
    const values = await chat.page.$$eval("textarea", (all) => all.map(({ value }) => value));
    expect(values).toEqual(["Hello again", "Hi"]);
    expect(emulator.calls.filter(({ kind }) => kind === "chat")).toEqual([]);
  });

  test("in a frame that may neither submit forms nor use the clipboard, Send and Copy work", async () => {
    const chat = await open();
    await chat.page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
      frame.allow = "clipboard-write 'none'";
      frame.src = location.href;
      frame.style.width = "600px";
      frame.style.height = "500px";
      document.body.replaceChildren(frame);
    });
    const handle = await chat.page.waitForSelector("iframe");
    const frame = await handle?.contentFrame();
    if (!frame) throw new Error("There is no frame.");
    const press = async (label: string): Promise<void> => {
      const button = await frame.waitForSelector(`xpath/.//button[normalize-space()="${label}"]`);
      await button?.click();
    };
    const field = await frame.waitForSelector(".gs-composer textarea");
    await field?.click();
    await chat.page.keyboard.type("What is on my invoice?");
    await press("Send");
    await frame.waitForSelector('.gs-message[data-status="done"]');
    await press("Copy");
    await frame.waitForSelector('xpath/.//button[normalize-space()="Copied"]');
  });

  test("a copy that is refused says so", async () => {
    const chat = await openWith(
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Hi", status: "done" },
    );
    await chat.page.evaluate(() => {
      const refuse = (): Promise<void> =>
        Promise.reject(new DOMException("No.", "NotAllowedError"));
      Object.defineProperty(navigator, "clipboard", { value: { writeText: refuse } });
      document.execCommand = () => false;
    });
    await chat.press("Copy");
    await chat.page.waitForSelector('xpath/.//button[normalize-space()="Cannot copy"]');
  });

  test("New chat hides Latest and empties the drawer", async () => {
    const chat = await openWith(
      { role: "user", content: "Hello" },
      { role: "assistant", content: "A line\n\n".repeat(40), status: "done" },
    );
    await chat.ask("What is on my invoice?");
    await chat.untilStatus("done");
    await chat.page.$eval(".gs-messages", (messages) => messages.scrollTo(0, 0));
    await chat.page.waitForSelector(".gs-latest", { visible: true });
    await chat.press("New chat");
    await chat.page.waitForSelector(".gs-latest", { hidden: true });
    const figure = (name: string): Promise<string> =>
      chat.page.$eval(`[data-figure=${name}]`, (element) => element.textContent);
    expect([await figure("tokens"), await figure("status")]).toEqual(["0", "idle"]);
  });
}
