import { expect } from "vitest";
import type { Behaviour } from "../testing/describe-chats.ts";
import { holdInAnswer } from "../testing/holdable-clock.ts";

const question = "How do I reset my password?";

/** An answer that comes, ends, or is stopped. */
export const answering: readonly Behaviour[] = [
  {
    name: "Markdown is on the page while it streams, and the whole answer at the end",
    isWiredByPage: true,
    dependsOnEngine: true,
    async run({ emulator, clock, open, sentTexts }) {
      const chat = await open();
      const held = holdInAnswer(emulator, clock, 200);
      await chat.ask(question);
      await held;
      await chat.until(
        (it) => it.querySelector("[data-status=streaming] :is(h2, h3, h4)") !== null,
      );
      clock.release();
      await chat.untilStatus("done");
      expect(await chat.saved()).toMatchObject([
        { role: "user", content: question },
        { role: "assistant", content: sentTexts()[0] },
      ]);
      const shown = await chat.look((it) => it.querySelector(".gs-markdown")?.textContent);
      expect(shown).toContain("no model was asked.");
      expect(shown).not.toMatch(/##|\*\*/);
      expect(await chat.figure("first-token")).toMatch(/^\d+ ms$/);
      expect(await chat.figure("tokens-per-second")).toMatch(/^\d+\.\d$/);
    },
  },
  {
    name: "Stop ends the answer at the gateway and keeps what has come",
    isWiredByPage: true,
    dependsOnEngine: true,
    async run({ emulator, clock, open }) {
      const chat = await open();
      const held = holdInAnswer(emulator, clock, 60);
      await chat.ask(question);
      await held;
      await chat.untilLength(20);
      await chat.click("Stop");
      await chat.untilStatus("cancelled");
      const call = await emulator.waitFor(
        ({ kind, state }) => kind === "chat" && state === "aborted",
      );
      const kept = (await chat.saved()).at(-1)?.content ?? "";
      expect(kept.length).toBeGreaterThanOrEqual(20);
      expect(call.sentText.startsWith(kept)).toBe(true);
      await chat.until((it) => it.querySelector(".gs-composer [data-kind=primary]") !== null);
    },
  },
  {
    name: "Escape ends the answer, and the next message can be written",
    dependsOnEngine: true,
    async run({ emulator, open }) {
      const chat = await open();
      await chat.ask("/scenario stall");
      await chat.untilLength(1);
      await chat.press("Escape");
      await chat.untilStatus("cancelled");
      await emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
      expect(await chat.look((it) => it.activeElement?.matches(".gs-composer textarea"))).toBe(
        true,
      );
    },
  },
  {
    name: "an answer that broke off keeps its text, says so, and is asked for again",
    async run({ clock, open, bodies, sentTexts }) {
      const chat = await open();
      await chat.ask("/scenario cut");
      await chat.untilStatus("error");
      const told = await chat.look((it) => it.querySelector("[role=alert]")?.textContent);
      expect(told).toContain("The answer broke off before it was complete.");
      expect((await chat.saved()).at(-1)?.content).toBe(sentTexts()[0]);
      clock.hold();
      await chat.click("Ask again");
      await chat.untilStatus("streaming");
      clock.release();
      await chat.untilStatus("error");
      const [first, second, ...others] = bodies();
      expect(others).toEqual([]);
      // What had come of the failed answer is no part of the conversation.
      expect(second).toEqual(first);
      expect(await chat.look((it) => it.querySelectorAll(".gs-message").length)).toBe(2);
    },
  },
  {
    name: "a gateway that is down is told in words",
    async run({ open }) {
      const chat = await open();
      await chat.ask("/scenario unavailable-always");
      await chat.untilStatus("error");
      const told = await chat.look((it) => it.querySelector("[role=alert]")?.textContent);
      expect(told).toContain("The gateway cannot be reached right now.");
    },
  },
  {
    name: "a gateway that is down for a moment is asked again without a word",
    async run({ emulator, open, sentTexts }) {
      const chat = await open();
      await chat.ask("/scenario unavailable-twice How do I reset my password?");
      await chat.untilStatus("done");
      const calls = emulator.calls.filter(({ kind }) => kind === "chat");
      expect(calls.map(({ status }) => status)).toEqual([503, 503, 200]);
      expect((await chat.saved()).at(-1)?.content).toBe(sentTexts()[2]);
    },
  },
  {
    name: "a page that gets no frames, as in a hidden tab, still shows the text",
    async run({ open }) {
      const chat = await open();
      await chat.look(() => void Object.assign(globalThis, { requestAnimationFrame: () => 0 }));
      await chat.ask("/scenario stall");
      await chat.untilLength(1);
      await chat.click("Stop");
      await chat.untilStatus("cancelled");
    },
  },
];
