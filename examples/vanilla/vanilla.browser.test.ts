import { createEmulator } from "@gatestream/emulator";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, describe } from "vitest";

import { createHoldableClock, holdInAnswer } from "../testing/holdable-clock.ts";
import { type ChatPage, launchBrowser, openChat, hasChromium } from "./test/chat-page.ts";
import { type DemoProcess, startDemo } from "./test/demo-process.ts";

const clientId = "page-test";
const clientSecret = "page-test-secret";
const clock = createHoldableClock();
const emulator = createEmulator({ clientId, clientSecret, tokensPerSecond: 300, clock });

let browser: Browser;
let demo: DemoProcess;
let url: string;
let opened: ChatPage[] = [];

describe.skipIf(!hasChromium)("what only Chromium can be made to pretend", () => {
  beforeAll(async () => {
    const gateway = await emulator.listen();
    demo = await startDemo({
      environment: {
        GENESYS_CLIENT_ID: clientId,
        GENESYS_CLIENT_SECRET: clientSecret,
        GENESYS_LOGIN_URL: gateway.url,
        GENESYS_API_URL: gateway.url,
        GATESTREAM_CONFIGURATION_ID: "demo",
        // Two refusals are enough to fail: `unavailable-twice` then answers the second attempt.
        GATESTREAM_HANDSHAKE_TRIES: "2",
      },
    });
    browser = await launchBrowser();
    url = await demo.url;
  });

  afterAll(async () => {
    await browser.close();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
    await emulator.close();
  });

  beforeEach(() => emulator.reset());

  afterEach(async () => {
    clock.release();
    const pages = opened;
    opened = [];
    await Promise.all(pages.map((chat) => chat.close()));
    expect(pages.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  async function open(options?: BrowserContextOptions): Promise<ChatPage> {
    const chat = await openChat(browser, url, options);
    opened.push(chat);
    return chat;
  }

  const lastEventId = (page: ChatPage["page"]) => page.locator(".gs-event-id").last().textContent();

  const chatCalls = () => emulator.calls.filter(({ kind }) => kind === "chat");

  test("the answer is painted while it arrives, and is what the gateway sent", async () => {
    const { page, ask, untilLength, untilStatus, content, figure } = await open();
    clock.hold();
    await ask("How do I reset my password?");
    for (const length of [100, 300, 500]) {
      const held = holdInAnswer(emulator, clock, length);
      clock.release();
      await held;
      await untilLength(length - 50);
    }
    clock.release();
    await untilStatus("done");

    expect(await content()).toBe(chatCalls()[0]?.sentText);
    expect(await figure("first-token")).toMatch(/^\d+ ms$/);
    expect(await figure("tokens-per-second")).toMatch(/^\d+\.\d$/);
    expect(await figure("status")).toBe("done");
    expect(Number(await figure("tokens"))).toBe(Number(await lastEventId(page)) - 1);
  });

  test("all of the conversation is printed, without what can only be pressed", async () => {
    const { page, ask, untilStatus, button, message } = await open({
      viewport: { width: 600, height: 400 },
    });
    await ask("How do I reset my password?");
    await untilStatus("done");
    await page.emulateMedia({ media: "print" });
    const [pageHeight, logHeight, contentHeight] = await page
      .getByRole("log")
      .evaluate((it) => [document.documentElement.scrollHeight, it.clientHeight, it.scrollHeight]);
    expect(logHeight).toBe(contentHeight);
    expect(pageHeight).toBeGreaterThanOrEqual(contentHeight ?? 0);
    expect(pageHeight).toBeGreaterThan(800);
    expect(await message.isVisible()).toBe(false);
    expect(await button("Copy").isVisible()).toBe(false);
  });

  test("high contrast shows where the answer goes on", async () => {
    const { page, ask, untilLength } = await open();
    await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
    const held = holdInAnswer(emulator, clock, 60);
    await ask("How do I reset my password?");
    await held;
    await untilLength(20);
    const { caret, canvas } = await page.evaluate(() => {
      const last = document.querySelector(".gs-markdown > :last-child");
      const chat = document.querySelector(".gs-chat");
      if (!last || !chat) throw new Error("Nothing has come.");
      return {
        caret: getComputedStyle(last, "::after").backgroundColor,
        canvas: getComputedStyle(chat).backgroundColor,
      };
    });
    expect(caret).not.toBe(canvas);
  });

  test("a phone has no sideways scroll and always sees the composer", async () => {
    const { page, untilStatus, message, button } = await open({
      viewport: { width: 390, height: 780 },
      isMobile: true,
      hasTouch: true,
    });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(390);
    // Where there are only fingers, Enter begins a line.
    await message.fill(`What about ${"x".repeat(300)}?`);
    await message.press("Enter");
    await button("Send").click();
    await untilStatus("done");
    expect(await width()).toBe(390);
    const heights = await page
      .locator(".gs-button:visible, summary:visible")
      .evaluateAll((targets) => targets.map((it) => it.getBoundingClientRect().height));
    expect(heights.length).toBeGreaterThan(4);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    for (const part of [message, button("Send")]) {
      const box = await part.boundingBox();
      if (box === null) throw new Error("the composer is not shown");
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(390);
      expect(box.y + box.height).toBeLessThanOrEqual(780);
    }
  });

  test("dark and light differ as the reader's system does", async () => {
    const { page } = await open();
    const colours = () =>
      page.evaluate(() => {
        const chat = document.querySelector(".gs-chat") ?? document.body;
        const { backgroundColor, color } = getComputedStyle(chat);
        return { backgroundColor, color };
      });
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colours();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await colours();
    expect(dark.backgroundColor).not.toBe(light.backgroundColor);
    expect(dark.color).not.toBe(light.color);
  });
});
