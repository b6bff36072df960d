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

describe.skipIf(!hasChromium)("the chat page in Chromium", () => {
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

  /** The bound on how long the gateway may go on writing for nobody. */
  const aborted = () =>
    emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted", {
      signal: AbortSignal.timeout(10_000),
    });

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

  test("a hidden tab, which gets no frames, still receives the text", async () => {
    const { page, ask, text } = await open();
    await page.evaluate(() => Object.assign(globalThis, { requestAnimationFrame: () => 0 }));
    await ask("/scenario stall");
    await emulator.waitFor(({ sentText }) => sentText !== "");
    await page.waitForFunction(
      () => (document.querySelector(".gs-markdown")?.textContent ?? "") !== "",
      undefined,
      { polling: 50 },
    );
    expect(await text.textContent()).not.toBe("");
  });

  test("every turn sends the whole conversation", async () => {
    const { ask, untilStatus, content } = await open();
    await ask("What is on my invoice?");
    await untilStatus("done");
    const first = await content();
    await ask("And when is it due?");
    await untilStatus("done");

    expect(chatCalls().map(({ body }) => body)).toMatchObject([
      { configurationId: "demo", input: { messages: [{ role: "user" }] } },
      {
        input: {
          messages: [
            { role: "user", content: "What is on my invoice?" },
            { role: "assistant", content: first },
            { role: "user", content: "And when is it due?" },
          ],
        },
      },
    ]);
  });

  test("Stop ends the answer at the gateway and keeps what has come", async () => {
    const { ask, untilLength, untilStatus, button, answer, content } = await open();
    const held = holdInAnswer(emulator, clock, 60);
    await ask("How do I reset my password?");
    await held;
    await untilLength(20);
    await button("Stop").click();
    const call = await aborted();
    await untilStatus("cancelled");

    const kept = await content();
    expect(kept.length).toBeGreaterThanOrEqual(20);
    expect(call.sentText.startsWith(kept)).toBe(true);
    expect(await answer.innerText()).toContain("Stopped.");
    expect(await button("Send").isVisible()).toBe(true);
  });

  test("a reload in the middle goes on with the same answer", async () => {
    const { page, ask, untilLength, untilStatus, content } = await open();
    const held = holdInAnswer(emulator, clock, 200);
    await ask("How do I reset my password?");
    await held;
    await untilLength(100);
    await page.reload();
    clock.release();
    await untilStatus("done");
    expect(chatCalls().map(({ state }) => state)).toEqual(["answered"]);
    expect(await content()).toBe(chatCalls()[0]?.sentText);
    const ids = await page.locator(".gs-event-id").allTextContents();
    // What came before the reload is not read again.
    expect(Number(ids.find(Boolean))).toBeGreaterThan(1);
  });

  test("a connection that breaks is told, made up for and counted", async () => {
    const { page, ask, untilStatus, content, figure } = await open();
    await page.evaluate(() => {
      const { fetch } = globalThis;
      let onReconnect = (): void => {};
      const shallReconnect = new Promise<void>((resolve) => (onReconnect = resolve));
      Object.assign(globalThis, {
        onReconnect,
        async fetch(...request: Parameters<typeof fetch>) {
          if (request[1]?.method !== "POST") {
            await shallReconnect;
            return fetch(...request);
          }
          const response = await fetch(...request);
          let bytes = 0;
          const cut = new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              bytes += chunk.length;
              if (bytes > 1500) controller.error(new TypeError("cut"));
              else controller.enqueue(chunk);
            },
          });
          return new Response(response.body?.pipeThrough(cut), response);
        },
      });
    });
    await ask("How do I reset my password?");
    await page.getByText("The connection was lost. Reconnecting…").waitFor();
    await page.evaluate("onReconnect()");
    await untilStatus("done");
    expect(await page.locator(".gs-banner").textContent()).toBe("");
    expect(await content()).toBe(chatCalls()[0]?.sentText);
    expect(await figure("reconnects")).toBe("1");
  });

  test("a gateway that is down is told in words", async () => {
    const { ask, untilStatus, answer, button } = await open();
    await ask("/scenario unavailable-always");
    await untilStatus("error");
    expect(await answer.innerText()).toContain("The gateway cannot be reached right now.");
    expect(await button("Ask again").isVisible()).toBe(true);
  });

  test("a gateway that is down for a moment is asked again without a word", async () => {
    const { ask, untilStatus, content } = await open();
    await ask("/scenario unavailable-twice How do I reset my password?");
    await untilStatus("done");
    expect(chatCalls().map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(await content()).toBe(chatCalls()[2]?.sentText);
  });

  test("an answer that breaks off keeps its text, says so, and can be asked for again", async () => {
    const { page, ask, untilStatus, answer, content, button } = await open();
    await ask("/scenario cut");
    await untilStatus("error");
    expect(await content()).toBe(chatCalls()[0]?.sentText);
    expect(await answer.innerText()).toContain("The answer broke off before it was complete.");

    await button("Ask again").click();
    await untilStatus("streaming");
    await untilStatus("error");
    const [first, second, ...others] = chatCalls();
    expect(others).toEqual([]);
    // What had come of the failed answer is no part of the conversation.
    expect(second?.body).toEqual(first?.body);
    expect(await page.getByRole("article").count()).toBe(2);
  });

  test("a question that is edited is asked again, and what followed it is dropped", async () => {
    const { page, ask, untilStatus, button } = await open();
    await ask("What is on my invoice?");
    await untilStatus("done");
    await ask("And when is it due?");
    await untilStatus("done");
    await button("Edit").first().click();
    const editor = page.getByRole("textbox", { name: "Edit message" });
    expect(await editor.inputValue()).toBe("What is on my invoice?");
    await page.keyboard.press("Escape");
    expect(
      await button("Edit")
        .first()
        .evaluate((it) => it === document.activeElement),
    ).toBe(true);
    await page.keyboard.press("Enter");
    await editor.fill("Where is my order?");
    await editor.press("Enter");
    await untilStatus("done");
    expect(await page.getByRole("article").count()).toBe(2);
    expect(chatCalls().at(-1)?.body).toMatchObject({
      input: { messages: [{ role: "user", content: "Where is my order?" }] },
    });
  });

  test("New chat forgets the conversation, also for a reload", async () => {
    const { page, ask, untilStatus, button } = await open();
    await ask("What is on my invoice?");
    await untilStatus("done");
    await button("New chat").click();
    const welcome = page.getByRole("heading", { name: "Ask, and watch the answer arrive." });
    await welcome.waitFor();
    await page.reload();
    await welcome.waitFor();
    expect(await page.getByRole("article").count()).toBe(0);
  });

  test("an end that the gateway did not announce is called eof", async () => {
    const { page, ask, untilStatus } = await open();
    await ask("/scenario no-stop");
    await untilStatus("done");
    expect(await page.locator(".gs-event-data").last().textContent()).toBe('reason: "eof"');
  });

  test("Shift+Enter writes a line, Enter sends, Escape stops, and the focus stays", async () => {
    const { page, message, untilLength, untilStatus } = await open();
    await page.keyboard.type("How do I reset");
    // An Enter that ends the composition of a word.
    await message.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("my password?");
    expect(await message.inputValue()).toBe("How do I reset\nmy password?");
    expect(emulator.calls).toHaveLength(0);

    const held = holdInAnswer(emulator, clock, 60);
    await page.keyboard.press("Enter");
    await held;
    await untilLength(10);
    expect(await message.inputValue()).toBe("");
    await page.keyboard.press("Escape");
    await aborted();
    await untilStatus("cancelled");
    expect(await message.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test("a screen reader hears that an answer comes and then the answer, not every token", async () => {
    const { page, ask, untilStatus, text } = await open();
    await page.locator(".gs-announcement").evaluate((status) => {
      const heard: (string | null)[] = [];
      Object.assign(globalThis, { heard });
      new MutationObserver(() => heard.push(status.textContent)).observe(status, {
        childList: true,
      });
    });
    await ask("What is on my invoice?");
    await untilStatus("done");
    await page.waitForFunction("heard.length >= 2");
    const [first, second] = (await page.evaluate("heard")) as readonly string[];
    expect(first).toBe("Answering…");
    // A heading is a sentence of its own.
    const heading = await text.locator("h2, h3").first().textContent();
    expect(second).toContain(`${heading}. `);
    expect(second).toContain("no model was asked.");
    expect(await page.getByRole("log").getAttribute("aria-live")).toBe("off");
  });

  test("the page follows the answer until the reader scrolls up", async () => {
    const { page, ask, untilLength, untilStatus, button } = await open({
      viewport: { width: 600, height: 400 },
    });
    const log = page.getByRole("log");
    const distance = () => log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
    const held = holdInAnswer(emulator, clock, 800);
    await ask("How do I reset my password?");
    await held;
    await untilLength(700);
    expect(await distance()).toBeLessThan(2);
    await log.evaluate((it) => it.scrollTo(0, 0));
    clock.release();
    await button("Latest").waitFor();
    await untilStatus("done");
    expect(await log.evaluate((it) => it.scrollTop)).toBe(0);
    await button("Latest").click();
    expect(await distance()).toBeLessThan(2);
  });

  test("scrolling up slowly while text streams lets go of the end", async () => {
    const { page, ask, untilLength, untilStatus, button } = await open({
      viewport: { width: 600, height: 400 },
    });
    const log = page.getByRole("log");
    const held = holdInAnswer(emulator, clock, 700);
    await ask("How do I reset my password?");
    await held;
    await untilLength(600);
    clock.release();
    await log.evaluate(async (it) => {
      for (let frame = 0; frame < 20; frame += 1) {
        it.scrollTop -= 3;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    await button("Latest").waitFor();
    await untilStatus("done");
    expect(
      await log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight),
    ).toBeGreaterThan(40);
    await button("New chat").click();
    expect(await button("Latest").isVisible()).toBe(false);
  });

  test("New chat empties the drawer", async () => {
    const { ask, untilStatus, button, figure, page } = await open();
    await ask("What is on my invoice?");
    await untilStatus("done");
    expect(await figure("tokens")).not.toBe("0");
    await button("New chat").click();
    expect([await figure("tokens"), await figure("status")]).toEqual(["0", "idle"]);
    expect(await figure("first-token")).toBe("–");
    expect(await page.locator(".gs-event-id").count()).toBe(0);
  });

  test("a saved answer that no parser can read does not break the chat", async () => {
    const { page, ask, untilStatus } = await open();
    await page.evaluate((hostile) => {
      const messages = [
        { id: "1", role: "user", content: "Hello" },
        { id: "2", role: "assistant", content: hostile, status: "done" },
      ];
      sessionStorage.setItem("chat", JSON.stringify({ messages }));
    }, ">".repeat(2000));
    await page.reload();
    await page.locator(".gs-markdown").waitFor();
    expect(await page.locator(".gs-markdown").textContent()).toBe(">".repeat(2000));
    await ask("What is on my invoice?");
    await untilStatus("done");
    expect(await page.getByRole("article").count()).toBe(4);
  });

  test("an answer that is empty, or has reached a limit, says so", async () => {
    const { page } = await open();
    await page.evaluate(() => {
      const messages = [
        { id: "1", role: "user", content: "Hello" },
        { id: "2", role: "assistant", content: "", status: "done", reason: "stop" },
        { id: "3", role: "user", content: "Hello" },
        { id: "4", role: "assistant", content: "Half", status: "done", reason: "length" },
      ];
      sessionStorage.setItem("chat", JSON.stringify({ messages }));
    });
    await page.reload();
    await page.getByText("The answer is empty.").waitFor();
    await page.getByText("The answer reached its length limit and is incomplete.").waitFor();
  });

  test("an Enter that ends a composition in WebKit's order does not send", async () => {
    const { message, ask, untilStatus } = await open();
    await message.fill("こんにちは");
    await message.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    expect(emulator.calls).toHaveLength(0);
    expect(await message.inputValue()).toBe("こんにちは");
    await ask("Hello");
    await untilStatus("done");
  });

  test("Send, Stop and Send again work where no form can be submitted", async () => {
    const { page, message, untilStatus, button } = await open();
    // As in a frame that is sandboxed without `allow-forms`.
    await page.evaluate(() => {
      const swallow = (event: Event): void => {
        event.preventDefault();
        event.stopImmediatePropagation();
      };
      addEventListener("submit", swallow, { capture: true });
    });
    await message.fill("What is on my invoice?");
    await button("Send").click();
    await untilStatus("done");
    await button("Edit").click();
    await button("Send again").click();
    await untilStatus("streaming");
    await button("Stop").click();
    await untilStatus("cancelled");
    expect(chatCalls()).toHaveLength(2);
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
    const { page, ask, untilStatus, message, button } = await open({
      viewport: { width: 390, height: 780 },
      isMobile: true,
      hasTouch: true,
    });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(390);
    await ask(`What about ${"x".repeat(300)}?`);
    await untilStatus("done");
    expect(await width()).toBe(390);
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
