import { expect, test } from "vitest";

import { axeViolations } from "./axe-violations.ts";
import type { ChatBrowser } from "./chat-browsers.ts";
import type { ChatRoom } from "./chat-room.ts";
import { holdInAnswer } from "./holdable-clock.ts";

const phone = { width: 390, height: 780 };
const question = "How do I reset my password?";

/** Whether its colours and structure can be perceived, in every scheme that a browser can show. */
export function describeTheme({ open }: ChatRoom, { colorSchemes }: ChatBrowser): void {
  test.each(colorSchemes)("axe finds nothing wrong in %s", async (value) => {
    const chat = await open();
    await chat.prefer(value);
    expect(await axeViolations(chat.page)).toEqual([]);
    await chat.ask(question);
    await chat.untilStatus("done");
    await chat.page.click(".gs-drawer summary");
    await chat.ask("/scenario cut");
    await chat.untilStatus("error");
    expect(await axeViolations(chat.page)).toEqual([]);
    await chat.press("Edit");
    expect(await axeViolations(chat.page)).toEqual([]);
  });
}

/** How it is seen and heard. */
export function describeLook({ emulator, clock, open }: ChatRoom): void {
  test("a screen reader hears that an answer comes, and then all of it at once", async () => {
    const chat = await open();
    await chat.page.$eval(".gs-announcement", (announcement) => {
      const heard: (string | null)[] = [];
      Object.assign(globalThis, { heard });
      const watch = { childList: true, characterData: true, subtree: true };
      new MutationObserver(() => heard.push(announcement.textContent)).observe(announcement, watch);
    });
    await chat.ask(question);
    await chat.untilStatus("done");
    await chat.page.waitForFunction("heard.length >= 2");
    const heard = (await chat.page.evaluate("heard")) as readonly string[];
    expect(heard.map((text) => text.trim())).toEqual([
      "Answering…",
      expect.stringContaining("no model was asked."),
    ]);
    expect(heard[1]).not.toMatch(/##|\*\*/);
    expect(await chat.page.$eval("[role=log]", (log) => log.getAttribute("aria-live"))).toBe("off");
  });

  test.each(["ltr", "rtl"])("a phone has no sideways scroll, %s", async (direction) => {
    const chat = await open(phone, `?dir=${direction}`);
    const overhangs = () =>
      chat.page.evaluate(() =>
        ["html", ".gs-messages", ".gs-composer", ".gs-drawer"].map((selector) => {
          const { scrollWidth = 0, clientWidth = 0 } = document.querySelector(selector) ?? {};
          return scrollWidth - clientWidth;
        }),
      );
    const middle = (selector: string) =>
      chat.page.$eval(selector, (element) => {
        const { x, width } = element.getBoundingClientRect();
        return x + width / 2;
      });
    expect(await overhangs()).toEqual([0, 0, 0, 0]);
    await chat.ask(`What about ${"x".repeat(120)}?`);
    await chat.untilStatus("done");
    await chat.page.click(".gs-drawer summary");
    expect(await overhangs()).toEqual([0, 0, 0, 0]);
    const isButtonLast = (await middle(".gs-composer button")) > (await middle(".gs-input"));
    expect(isButtonLast).toBe(direction === "ltr");
  });

  test("scrolling up slowly while text streams lets go of the end", async () => {
    const chat = await open({ width: 600, height: 420 });
    const held = holdInAnswer(emulator, clock, 700);
    await chat.ask(question);
    await held;
    await chat.untilLength(600);
    clock.release();
    await chat.page.$eval(".gs-messages", async (it) => {
      for (let frame = 0; frame < 20; frame += 1) {
        it.scrollTop -= 3;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    await chat.page.waitForSelector(".gs-latest", { visible: true });
    await chat.untilStatus("done");
    const distance = await chat.page.$eval(
      ".gs-messages",
      (it) => it.scrollHeight - it.scrollTop - it.clientHeight,
    );
    expect(distance).toBeGreaterThan(40);
  });

  test("the end of the answer stays in sight until the reader scrolls up", async () => {
    const chat = await open({ width: 600, height: 420 });
    const distance = () =>
      chat.page.$eval(".gs-messages", (it) => it.scrollHeight - it.scrollTop - it.clientHeight);
    const held = holdInAnswer(emulator, clock, 700);
    await chat.ask(question);
    await held;
    await chat.untilLength(600);
    expect(await distance()).toBeLessThan(48);
    await chat.page.$eval(".gs-messages", (it) => it.scrollTo(0, 0));
    clock.release();
    await chat.untilStatus("done");
    expect(await chat.page.$eval(".gs-messages", (it) => it.scrollTop)).toBe(0);
    // The button lies over the conversation, and takes no room of it.
    const bottom = (selector: string) =>
      chat.page.$eval(selector, (it) => it.getBoundingClientRect().bottom);
    expect(await bottom(".gs-latest")).toBeLessThan(await bottom(".gs-messages"));
    expect(await chat.page.$eval(".gs-messages", (it) => it.clientWidth)).toBeGreaterThan(580);
    await chat.press("Latest");
    expect(await distance()).toBeLessThan(48);
  });
}
