import { expect, test } from "vitest";

import type { ChatPage } from "./chat-page.ts";
import type { ChatRoom } from "./chat-room.ts";
import { holdInAnswer } from "./holdable-clock.ts";

/** What becomes of an answer whose reader is gone for a while. */
export function describeLostConnections(room: ChatRoom): void {
  const { emulator, clock, network, open, sentTexts } = room;

  /** A chat in the middle of an answer, which goes on when the clock does. */
  async function openInMiddle(): Promise<ChatPage> {
    const chat = await open();
    const held = holdInAnswer(emulator, clock, 100);
    await chat.ask("How do I reset my password?");
    await held;
    await chat.untilLength(40);
    return chat;
  }

  async function expectWhole(chat: ChatPage): Promise<void> {
    await chat.untilStatus("done");
    expect(sentTexts()).toHaveLength(1);
    expect((await chat.transcript()).at(-1)).toBe(`assistant: ${sentTexts()[0]}`);
    expect(await chat.page.$("[data-notice]")).toBe(null);
  }

  const figure = (chat: ChatPage, name: string) =>
    chat.page.$eval(`[data-figure=${name}]`, (element) => element.textContent);

  test("a reload in mid-answer goes on with it, and the gateway is asked once", async () => {
    const chat = await openInMiddle();
    await chat.page.reload();
    // "lost", unless the last token before the clock stood still comes only now.
    await chat.page.waitForSelector("[data-notice]");
    // One token more.
    clock.release();
    clock.hold();
    await chat.untilNotice("resumed");
    clock.release();
    await expectWhole(chat);
    // And there it stays.
    await chat.page.reload();
    await expectWhole(chat);
  });

  test("a connection that is cut is told, and that it is back; nothing is lost", async () => {
    const chat = await openInMiddle();
    await network().refuseConnections();
    network().resetConnections();
    await chat.untilNotice("lost");
    await network().acceptConnections();
    await chat.untilNotice("resumed");
    clock.release();
    await expectWhole(chat);
    expect(await figure(chat, "reconnects")).toBe("1");
    expect(await figure(chat, "status")).toBe("done");
  });
}
