import { expect } from "vitest";
import type { Behaviour } from "../testing/describe-chats.ts";
import type { ChatPage } from "../testing/chat-page.ts";
import { holdInAnswer } from "../testing/holdable-clock.ts";

/** A key as WebKit tells of it when an input method has just used it. */
function pressAfterComposition(
  chat: ChatPage,
  selector: string,
  key: "Enter" | "Escape",
): Promise<void> {
  return chat.look(
    (it, wanted) => {
      const init = { key: wanted.key, keyCode: 229, bubbles: true, cancelable: true };
      it.querySelector(wanted.selector)?.dispatchEvent(new KeyboardEvent("keydown", init));
    },
    { selector, key },
  );
}

/** Asking, and asking in other words. */
export const asking: readonly Behaviour[] = [
  {
    name: "a question that is edited is asked in its new words, in the place of the old ones",
    isWiredByPage: true,
    dependsOnEngine: true,
    async run({ clock, open, bodies, sentTexts }) {
      const chat = await open();
      await chat.ask("What is on my invoice?");
      await chat.untilStatus("done");
      await chat.click("Edit");
      await chat.press("End");
      await chat.page.type(" And when is it due?");
      clock.hold();
      await chat.press("Enter");
      await chat.untilStatus("streaming");
      clock.release();
      await chat.untilStatus("done");
      const asked = "What is on my invoice? And when is it due?";
      expect(bodies()[1]).toMatchObject({ input: { messages: [{ content: asked }] } });
      expect(await chat.saved()).toMatchObject([{ content: asked }, { content: sentTexts()[1] }]);
    },
  },
  {
    name: "every turn sends the whole conversation",
    async run({ open, bodies, sentTexts }) {
      const chat = await open();
      await chat.ask("What is on my invoice?");
      await chat.untilStatus("done");
      await chat.ask("And when is it due?");
      await chat.until((it) => it.querySelectorAll("[data-status=done]").length === 2);
      expect(bodies()).toMatchObject([
        { configurationId: "demo", input: { messages: [{ role: "user" }] } },
        {
          input: {
            messages: [
              { role: "user", content: "What is on my invoice?" },
              { role: "assistant", content: sentTexts()[0] },
              { role: "user", content: "And when is it due?" },
            ],
          },
        },
      ]);
    },
  },
  {
    name: "Escape leaves a question that is being edited as it was, and in view",
    dependsOnEngine: true,
    async run({ open, sentTexts }) {
      const chat = await open({ width: 600, height: 420 });
      await chat.ask("What is on my invoice?");
      await chat.untilStatus("done");
      await chat.click("Edit");
      await chat.until((it) => it.querySelector(".gs-editor") !== null);
      const top = await chat.look(
        (it) => it.querySelector(".gs-editor")?.getBoundingClientRect().top,
      );
      expect(top).toBeGreaterThan(0);
      await chat.page.type(" And");
      await chat.press("Escape");
      await chat.until((it) => it.querySelector(".gs-editor") === null);
      expect(sentTexts()).toHaveLength(1);
      expect((await chat.saved())[0]?.content).toBe("What is on my invoice?");
    },
  },
  {
    name: "Shift and Enter breaks the line, and a new chat is empty",
    dependsOnEngine: true,
    async run({ open }) {
      const chat = await open();
      await chat.write("How do I");
      await chat.press("Enter", { shift: true });
      await chat.ask("reset my password?");
      await chat.untilStatus("done");
      expect((await chat.saved())[0]?.content).toBe("How do I\nreset my password?");
      expect(await chat.figure("tokens")).not.toBe("0");
      await chat.click("New chat");
      await chat.until((it) => it.querySelector(".gs-empty")?.checkVisibility());
      expect(await chat.saved()).toEqual([]);
      expect([await chat.figure("tokens"), await chat.figure("status")]).toEqual(["0", "idle"]);
    },
  },
  {
    name: "keys that an input method has used do not send, and do not lose a draft",
    dependsOnEngine: true,
    async run({ open, bodies }) {
      const chat = await open();
      await chat.reloadWith([{ role: "user", content: "Hello" }]);
      await chat.write("Hi");
      await pressAfterComposition(chat, ".gs-composer textarea", "Enter");
      await chat.click("Edit");
      await chat.press("End");
      await chat.page.type(" again");
      await pressAfterComposition(chat, ".gs-editor textarea", "Escape");
      await pressAfterComposition(chat, ".gs-editor textarea", "Enter");
      const values = await chat.look((it) =>
        [...it.querySelectorAll("textarea")].map(({ value }) => value),
      );
      expect(values).toEqual(["Hello again", "Hi"]);
      expect(bodies()).toEqual([]);
    },
  },
  {
    name: "Send, Stop and Send again work where no form can be submitted",
    dependsOnEngine: true,
    async run({ emulator, clock, open, bodies }) {
      const chat = await open();
      // As in a frame that is sandboxed without `allow-forms`.
      await chat.look((it) => {
        const swallow = (event: Event): void => {
          event.preventDefault();
          event.stopImmediatePropagation();
        };
        it.addEventListener("submit", swallow, { capture: true });
      });
      await chat.write("What is on my invoice?");
      await chat.click("Send");
      await chat.untilStatus("done");
      await chat.click("Edit");
      const held = holdInAnswer(emulator, clock, 1);
      await chat.click("Send again");
      await held;
      await chat.untilLength(1);
      await chat.click("Stop");
      await chat.untilStatus("cancelled");
      expect(bodies()).toHaveLength(2);
    },
  },
];
