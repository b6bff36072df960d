import { expect } from "vitest";
import { axeViolations } from "../testing/axe-violations.ts";
import type { Behaviour } from "../testing/describe-chats.ts";
import { holdInAnswer } from "../testing/holdable-clock.ts";

const phone = { width: 390, height: 780 };
const small = { width: 600, height: 420 };
const question = "How do I reset my password?";

/** Accessibility, narrow windows, scrolling. */
export const look: readonly Behaviour[] = [
  {
    name: "axe finds nothing wrong, in light and dark",
    isWiredByPage: true,
    async run({ open }) {
      const chat = await open();
      const expectNoViolations = async () => {
        for (const theme of ["light", "dark"]) {
          await chat.look((_, value) => {
            for (const root of document.querySelectorAll("html, gatestream-chat")) {
              root.setAttribute("data-theme", value);
            }
          }, theme);
          expect(await axeViolations(chat.page), theme).toEqual([]);
        }
      };
      await expectNoViolations();
      // Its answer has code in it.
      await chat.ask("How do I report a fault?");
      await chat.untilStatus("done");
      expect(await chat.look((it) => it.querySelectorAll(".gs-code").length)).toBe(1);
      await chat.ask("/scenario cut");
      await chat.untilStatus("error");
      await chat.look((it) => it.querySelector<HTMLElement>(".gs-drawer summary")?.click());
      await chat.click("Edit");
      await expectNoViolations();
    },
  },
  {
    name: "a screen reader hears that an answer comes, and then all of it at once",
    async run({ open }) {
      const chat = await open();
      await chat.look((it) => {
        const announcement = it.querySelector(".gs-announcement");
        if (announcement === null) throw new Error("There is no announcement.");
        const spoken: (string | null)[] = [];
        Object.assign(globalThis, { spoken });
        const watch = { childList: true, characterData: true, subtree: true };
        new MutationObserver(() => spoken.push(announcement.textContent)).observe(
          announcement,
          watch,
        );
      });
      await chat.ask(question);
      await chat.untilStatus("done");
      await chat.until(() => Reflect.get(globalThis, "spoken").length >= 2);
      const spoken = await chat.look((): readonly string[] => Reflect.get(globalThis, "spoken"));
      expect(spoken).toEqual(["Answering…", expect.stringContaining("no model was asked.")]);
      expect(spoken[1]).not.toMatch(/##|\*\*/);
      const live = await chat.look((it) =>
        it.querySelector("[role=log]")?.getAttribute("aria-live"),
      );
      expect(live).toBe("off");
    },
  },
  ...(["ltr", "rtl"] as const).map((direction): Behaviour => ({
    name: `a phone has no sideways scroll: ${direction}`,
    dependsOnEngine: true,
    async run({ open }) {
      const chat = await open(phone);
      await chat.look((_, dir) => void (document.documentElement.dir = dir), direction);
      const overhangs = () =>
        chat.look((it) =>
          [
            document.documentElement,
            ...it.querySelectorAll(".gs-messages, .gs-composer, .gs-drawer"),
          ].map(({ scrollWidth, clientWidth }) => Math.max(0, scrollWidth - clientWidth - 2)),
        );
      expect(await overhangs()).toEqual([0, 0, 0, 0]);
      await chat.ask(`What about ${"x".repeat(120)}?`);
      await chat.untilStatus("done");
      await chat.look((it) => it.querySelector<HTMLElement>(".gs-drawer summary")?.click());
      expect(await overhangs()).toEqual([0, 0, 0, 0]);
      const [field = 0, button = 0] = await chat.look((it) =>
        [...it.querySelectorAll(".gs-composer :is(textarea, [type=submit])")].map((element) => {
          const { x, width } = element.getBoundingClientRect();
          return x + width / 2;
        }),
      );
      expect(button > field).toBe(direction === "ltr");
      // No part of an answer is wider than the answer, however long its name is.
      const long = "a_name_without_any_place_to_break_it".repeat(3);
      const parts = [
        { type: "tool_call", callId: "c1", name: long, arguments: "{}", isComplete: true },
        { type: "file", mediaType: "application/pdf", url: `https://example.com/${long}.pdf` },
      ];
      await chat.reloadWith([
        { role: "user", content: question },
        { role: "assistant", content: "Done.", status: "done", parts },
      ]);
      await chat.look((_, dir) => void (document.documentElement.dir = dir), direction);
      expect(await chat.look((it) => it.querySelectorAll(".gs-step, .gs-file").length)).toBe(2);
      expect(await overhangs()).toEqual([0, 0, 0, 0]);
    },
  })),
  {
    name: "scrolling up slowly while text streams lets go of the end",
    dependsOnEngine: true,
    async run({ emulator, clock, network, open }) {
      const chat = await open(small);
      const held = holdInAnswer(emulator, clock, 700);
      await chat.ask(question);
      await held;
      await chat.untilLength(600);
      // So that text comes in all of these frames.
      network().throttle(30_000);
      clock.release();
      await chat.look(async (it) => {
        const log = it.querySelector(".gs-messages");
        for (let frame = 0; frame < 20 && log; frame += 1) {
          log.scrollTop -= 3;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      });
      await chat.until((it) => it.querySelector(".gs-latest")?.checkVisibility());
      await chat.untilStatus("done");
      const distance = await chat.look((it) => {
        const { scrollHeight, scrollTop, clientHeight } =
          it.querySelector(".gs-messages") ?? document.body;
        return scrollHeight - scrollTop - clientHeight;
      });
      expect(distance).toBeGreaterThan(40);
    },
  },
  {
    name: "the end of the answer stays in view until the reader scrolls up",
    dependsOnEngine: true,
    async run({ emulator, clock, open }) {
      const chat = await open(small);
      const distance = () =>
        chat.look((it) => {
          const { scrollHeight, scrollTop, clientHeight } =
            it.querySelector(".gs-messages") ?? document.body;
          return scrollHeight - scrollTop - clientHeight;
        });
      const held = holdInAnswer(emulator, clock, 700);
      await chat.ask(question);
      await held;
      await chat.untilLength(600);
      expect(await distance()).toBeLessThan(48);
      await chat.look((it) => it.querySelector(".gs-messages")?.scrollTo(0, 0));
      clock.release();
      await chat.untilStatus("done");
      expect(await chat.look((it) => it.querySelector(".gs-messages")?.scrollTop)).toBe(0);
      // The button lies over the conversation, which keeps its size.
      const [button = 0, log = 0] = await chat.look((it) =>
        [".gs-latest", ".gs-messages"].map(
          (selector) => it.querySelector(selector)?.getBoundingClientRect().bottom ?? 0,
        ),
      );
      expect(button).toBeLessThan(log);
      await chat.click("Latest");
      expect(await distance()).toBeLessThan(48);
    },
  },
];
