import { expect } from "vitest";
import type { Behaviour } from "../testing/describe-chats.ts";
import type { ChatPage } from "../testing/chat-page.ts";
import type { ChatRoom } from "../testing/chat-room.ts";
import { holdInAnswer } from "../testing/holdable-clock.ts";

/** A chat in the middle of an answer, which goes on when the clock does. */
async function openInMiddle({ emulator, clock, open }: ChatRoom): Promise<ChatPage> {
  const chat = await open();
  const held = holdInAnswer(emulator, clock, 100);
  await chat.ask("How do I reset my password?");
  await held;
  await chat.untilLength(40);
  return chat;
}

async function expectWhole(chat: ChatPage, { sentTexts }: ChatRoom): Promise<void> {
  await chat.untilStatus("done");
  expect(sentTexts()).toHaveLength(1);
  expect((await chat.saved()).at(-1)).toMatchObject({ role: "assistant", content: sentTexts()[0] });
  expect(await chat.look((it) => it.querySelector("[data-notice]") === null)).toBe(true);
}

/** What becomes of an answer whose reader is gone for a while. */
export const connection: readonly Behaviour[] = [
  {
    name: "a reload in the middle goes on with the same answer, and the gateway is asked once",
    isWiredByPage: true,
    dependsOnEngine: true,
    async run(room) {
      const { clock } = room;
      const chat = await openInMiddle(room);
      await chat.reload();
      // "lost", unless the last token before the clock stood still comes only now.
      await chat.until((it) => it.querySelector("[data-notice]") !== null);
      clock.release();
      await expectWhole(chat, room);
      // And there it stays.
      await chat.reload();
      await expectWhole(chat, room);
    },
  },
  {
    name: "a connection that is cut is told, and that it is back; nothing is lost",
    dependsOnEngine: true,
    async run(room) {
      const { clock, network } = room;
      const chat = await openInMiddle(room);
      await network().refuseConnections();
      network().resetConnections();
      await chat.untilNotice("lost");
      await network().acceptConnections();
      await chat.untilNotice("resumed");
      clock.release();
      await expectWhole(chat, room);
      expect([await chat.figure("reconnects"), await chat.figure("status")]).toEqual(["1", "done"]);
    },
  },
];
