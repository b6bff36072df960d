import { createEmulator } from "@gatestream/emulator";
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { axeViolations } from "../testing/axe-violations.ts";
import { chatBrowsers } from "../testing/chat-browsers.ts";
import { createHoldableClock, holdInAnswer } from "../testing/holdable-clock.ts";
import { openChatInEngine, type ChatInEngine } from "./test/chat-in-engine.ts";
import { startDemo, type DemoProcess } from "./test/demo-process.ts";

const clientId = "engine-test";
const clientSecret = "engine-test-secret";
const clock = createHoldableClock();
const emulator = createEmulator({ clientId, clientSecret, tokensPerSecond: 400, clock });
const chatCalls = () => emulator.calls.filter(({ kind }) => kind === "chat");

let demo: DemoProcess;
let url: string;

beforeAll(async () => {
  const gateway = await emulator.listen();
  demo = await startDemo({
    environment: {
      GENESYS_CLIENT_ID: clientId,
      GENESYS_CLIENT_SECRET: clientSecret,
      GENESYS_LOGIN_URL: gateway.url,
      GENESYS_API_URL: gateway.url,
      GATESTREAM_CONFIGURATION_ID: "demo",
    },
  });
  url = await demo.url;
});

afterAll(async () => {
  demo.kill("SIGTERM");
  expect(await demo.exitCode).toBe(0);
  await emulator.close();
});

describe.each(chatBrowsers)("in $name", ({ name, whyMissing, launch }) => {
  let browser: Browser;
  let opened: ChatInEngine | undefined;

  beforeAll(async () => {
    if (whyMissing === undefined) browser = await launch();
  });

  afterAll(() => browser?.close());

  beforeEach(() => emulator.reset());

  afterEach(async () => {
    clock.release();
    await opened?.close();
    opened = undefined;
  });

  describe.skipIf(whyMissing !== undefined).each([
    ["the page", ""],
    ["the element", "element.html"],
  ])("%s", (_name, path) => {
    async function open(): Promise<ChatInEngine> {
      opened = await openChatInEngine(browser, `${url}${path}`);
      return opened;
    }

    test("an answer is streamed as Markdown", async () => {
      const { ask, untilAnswer, look, content } = await open();
      const held = holdInAnswer(emulator, clock, 100);
      await ask("What is on my invoice?");
      await held;
      await untilAnswer("streaming", 50);
      clock.release();
      await untilAnswer("done");
      expect(await content()).toBe(chatCalls()[0]?.sentText);
      expect(
        await look("chat.querySelectorAll('.gs-markdown :is(h2, h3, strong)').length"),
      ).toBeGreaterThan(1);
      expect(await look("chat.querySelector('.gs-markdown').textContent.includes('**')")).toBe(
        false,
      );
    });

    // The page shows these in Chromium in vanilla.browser.test.ts.
    if (name !== "Chromium" || path !== "") describeAsking();

    test.each(["light", "dark"])("axe finds nothing to complain of: %s", async (theme) => {
      const { ask, untilAnswer, click, look, page } = await open();
      await look(
        `void [document.documentElement, document.querySelector("gatestream-chat")].forEach((it) => it?.setAttribute("data-theme", "${theme}"))`,
      );
      expect(await axeViolations(page)).toEqual([]);
      // Its answer has code in it.
      await ask("How do I report a fault?");
      await untilAnswer("done");
      expect(await look("chat.querySelectorAll('.gs-code').length")).toBe(1);
      await ask("/scenario cut");
      await untilAnswer("error");
      await look("void chat.querySelector('summary').click()");
      await click("Edit");
      expect(await axeViolations(page)).toEqual([]);
    });

    test.each(["ltr", "rtl"])("a phone has no sideways scroll: %s", async (direction) => {
      const { page, ask, untilAnswer, look } = await open();
      await page.setViewport({ width: 390, height: 780 });
      await look(`void (document.documentElement.dir = "${direction}")`);
      await ask(`What about ${"x".repeat(80)}?`);
      await untilAnswer("done");
      await look("void chat.querySelector('summary').click()");
      expect(await look("document.documentElement.scrollWidth")).toBe(390);
      expect(
        await look(
          "[...chat.querySelectorAll('.gs-messages, .gs-drawer')].every((it) => it.scrollWidth <= it.clientWidth + 2)",
        ),
      ).toBe(true);
      // The question is at the end of its line, wherever that is.
      await ask("Short?");
      const box = "[...chat.querySelectorAll('.gs-text')].at(-1).getBoundingClientRect()";
      const middle: number = await look(`(${box}.left + ${box}.right) / 2`);
      expect(middle < 195).toBe(direction === "rtl");
      // Its request must not reach the gateway in the next test.
      await emulator.waitFor(() => chatCalls().length === 2);
    });

    function describeAsking(): void {
      test("Stop ends it at the gateway", async () => {
        const { ask, untilAnswer, click, content } = await open();
        const held = holdInAnswer(emulator, clock, 60);
        await ask("How do I reset my password?");
        await held;
        await untilAnswer("streaming", 20);
        await click("Stop");
        await untilAnswer("cancelled");
        const call = await emulator.waitFor(({ state }) => state === "aborted");
        expect(call.sentText.startsWith(await content())).toBe(true);
      });

      test("what broke off can be asked for again", async () => {
        const { ask, untilAnswer, click } = await open();
        await ask("/scenario cut");
        await untilAnswer("error");
        clock.hold();
        await click("Ask again");
        await untilAnswer("streaming");
        clock.release();
        await untilAnswer("error");
        const [first, second] = chatCalls();
        expect(second?.body).toEqual(first?.body);
      });

      test("a question is asked in other words", async () => {
        const { page, ask, untilAnswer, click, look } = await open();
        await ask("What is on my invoice?");
        await untilAnswer("done");
        await click("Edit");
        // The cursor is at the end of what was asked.
        await look("void chat.querySelector('.gs-editor .gs-input').setSelectionRange(99, 99)");
        await page.keyboard.type(" And when is it due?");
        await page.keyboard.press("Enter");
        await untilAnswer("done");
        expect(await look("chat.querySelectorAll('.gs-message').length")).toBe(2);
        expect(chatCalls()[1]?.body).toMatchObject({
          input: { messages: [{ content: "What is on my invoice? And when is it due?" }] },
        });
      });

      test("a reload in the middle goes on with the same answer", async () => {
        const { page, ask, untilAnswer, content } = await open();
        const held = holdInAnswer(emulator, clock, 200);
        await ask("How do I reset my password?");
        await held;
        await untilAnswer("streaming", 100);
        await page.reload();
        clock.release();
        await untilAnswer("done");
        expect(chatCalls().map(({ state }) => state)).toEqual(["answered"]);
        expect(await content()).toBe(chatCalls()[0]?.sentText);
      });
    }
  });
});
