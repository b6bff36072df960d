import { expect, test } from "vitest";

import type { ChatRoom } from "./chat-room.ts";
import { holdInAnswer } from "./holdable-clock.ts";

const question = "How do I reset my password?";

/** An answer that comes, and one that is stopped. */
export function describeStreaming({ emulator, clock, open, sentTexts }: ChatRoom): void {
  test("Markdown is on the page while it streams, and the whole answer at the end", async () => {
    const chat = await open();
    const held = holdInAnswer(emulator, clock, 200);
    await chat.ask(question);
    await held;
    await chat.page.waitForSelector("[data-status=streaming] .gs-markdown h2");
    clock.release();
    await chat.untilStatus("done");
    expect(await chat.transcript()).toEqual([`user: ${question}`, `assistant: ${sentTexts()[0]}`]);
    const shown = await chat.page.$eval(".gs-markdown", (element) => element.textContent);
    expect(shown).toContain("no model was asked.");
    expect(shown).not.toContain("##");
  });

  test.each(["Stop", "Escape"] as const)("%s ends the answer at the gateway", async (way) => {
    const chat = await open();
    await chat.ask("/scenario stall");
    await chat.untilLength(1);
    if (way === "Stop") await chat.press("Stop");
    else await chat.page.keyboard.press("Escape");
    await chat.untilStatus("cancelled");
    const call = await emulator.waitFor(
      ({ kind, state }) => kind === "chat" && state === "aborted",
    );
    const kept = (await chat.transcript())[1]?.replace("assistant: ", "") ?? "";
    // What had come stays.
    expect(kept).not.toBe("");
    expect(call.sentText.startsWith(kept)).toBe(true);
    await chat.page.waitForSelector(".gs-composer [data-kind=primary]");
    expect(await chat.page.evaluate(() => document.activeElement?.ariaLabel)).toBe("Message");
  });
}

/** Asking again, and in other words. */
export function describeConversation({ emulator, clock, open, sentTexts }: ChatRoom): void {
  const bodies = () => emulator.calls.filter(({ kind }) => kind === "chat").map(({ body }) => body);

  test("an answer that broke off says so, and Ask again asks the same again", async () => {
    const chat = await open();
    await chat.ask("/scenario cut");
    await chat.untilStatus("error");
    const told = await chat.page.$eval("[role=alert]", (element) => element.textContent);
    expect(told).toContain("The answer broke off before it was complete.");
    clock.hold();
    await chat.press("Ask again");
    await chat.untilStatus("streaming");
    clock.release();
    await chat.untilStatus("error");
    const [first, second, ...others] = bodies();
    expect(others).toEqual([]);
    expect(second).toEqual(first);
    expect(await chat.transcript()).toHaveLength(2);
  });

  test("a question that is edited is asked in its new words, and what came after it goes", async () => {
    const chat = await open();
    await chat.ask("What is on my invoice?");
    await chat.untilStatus("done");
    await chat.press("Edit");
    await chat.page.keyboard.type(" And when is it due?");
    clock.hold();
    await chat.press("Send again");
    await chat.untilStatus("streaming");
    clock.release();
    await chat.untilStatus("done");
    const asked = "What is on my invoice? And when is it due?";
    const messages = [{ role: "user", content: asked }];
    expect(bodies()[1]).toMatchObject({ input: { messages } });
    expect(await chat.transcript()).toEqual([`user: ${asked}`, `assistant: ${sentTexts()[1]}`]);
  });

  test("Escape leaves a question that is being edited as it was", async () => {
    const chat = await open({ width: 600, height: 420 });
    await chat.ask("What is on my invoice?");
    await chat.untilStatus("done");
    // Not by the mouse, which would scroll to it first.
    await chat.page.$$eval("[data-role=user] button", (buttons) => {
      const edit = buttons.find(({ textContent }) => textContent === "Edit");
      edit?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
    await chat.page.waitForSelector(".gs-editor");
    // The end of the answer does not come back into sight: the editor would be out of it.
    const top = await chat.page.$eval(".gs-editor", (editor) => editor.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    await chat.page.keyboard.type(" And");
    await chat.page.keyboard.press("Escape");
    await chat.page.waitForSelector(".gs-text");
    expect(await chat.page.$(".gs-editor")).toBe(null);
    expect(sentTexts()).toHaveLength(1);
  });

  test("Shift and Enter begins a line, and a new chat is empty", async () => {
    const chat = await open();
    await chat.page.focus(".gs-composer textarea");
    await chat.page.keyboard.type("How do I");
    await chat.page.keyboard.down("Shift");
    await chat.page.keyboard.press("Enter");
    await chat.page.keyboard.up("Shift");
    await chat.ask("reset my password?");
    await chat.untilStatus("done");
    expect((await chat.transcript())[0]).toBe("user: How do I\nreset my password?");
    await chat.press("New chat");
    await chat.page.waitForSelector(".gs-empty");
    expect(await chat.transcript()).toEqual([]);
    await chat.press("Which settings do I need?");
    await chat.untilStatus("done");
    expect((await chat.transcript())[0]).toBe("user: Which settings do I need?");
    // Its answer has code in it.
    expect(await chat.page.$eval(".gs-code pre", (code) => code.textContent)).toContain("{");
  });
}
