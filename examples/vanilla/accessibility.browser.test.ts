import { createEmulator } from "@gatestream/emulator";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startProxy, type Proxy } from "../../packages/client/browsers/proxy.ts";
import { axeViolations } from "../testing/axe-violations.ts";
import { hasChromium, launchBrowser } from "./test/chat-page.ts";
import { type DemoProcess, startDemo } from "./test/demo-process.ts";

const clientId = "accessibility-test";
const clientSecret = "accessibility-test-secret";
const emulator = createEmulator({ clientId, clientSecret, tokensPerSecond: 2000 });

let browser: Browser;
let demo: DemoProcess;
let proxy: Proxy;
let page: Page;

const chat = () => page.locator("gatestream-chat");
const untilStatus = (status: string) =>
  page.locator(`[data-role=assistant][data-status=${status}]`).waitFor();

async function ask(question: string): Promise<void> {
  const message = page.getByRole("textbox", { name: "Message", exact: true });
  await message.fill(question);
  await message.press("Enter");
}

/** An answer of which the first words have come, and no more will. */
async function askInMiddle(): Promise<void> {
  await ask("/scenario stall");
  await untilStatus("streaming");
  await page.locator(".gs-markdown:not(:empty)").waitFor();
}

/** What a screen reader has of the chat; times of day are another one each day. */
async function tree(): Promise<string> {
  const snapshot = await chat().ariaSnapshot();
  return `\n${snapshot.replaceAll(/\d+:\d+ [AP]M/g, "(time)")}\n`;
}

/** With the few colours of a reader: buttons have borders, and what has the focus an outline. */
async function expectForcedColors(): Promise<void> {
  await page.emulateMedia({ forcedColors: "active" });
  const violations = await axeViolations({
    evaluate: (run) => page.evaluate(run),
    evaluateSource: (source) => page.evaluate(source),
  });
  expect(violations).toEqual([]);
  await page.keyboard.press("Tab");
  const { borders, outline } = await chat().evaluate((it) => {
    const buttons = [...(it.shadowRoot?.querySelectorAll(".gs-button, .gs-launcher") ?? [])];
    const focused = it.shadowRoot?.activeElement;
    const box = focused?.matches(".gs-input") ? focused.parentElement : focused;
    return {
      borders: buttons
        .filter((button) => button.checkVisibility())
        .map((button) => getComputedStyle(button).borderTopStyle),
      outline: box && getComputedStyle(box).outlineStyle,
    };
  });
  expect([...new Set(borders)]).toEqual(["solid"]);
  // The Tab may have left the chat.
  expect([undefined, null, "solid"]).toContain(outline);
  await page.emulateMedia({ forcedColors: null });
}

describe.skipIf(!hasChromium)("what assistive technologies get of <gatestream-chat>", () => {
  beforeAll(async () => {
    const gateway = await emulator.listen();
    demo = await startDemo({
      environment: {
        GENESYS_CLIENT_ID: clientId,
        GENESYS_CLIENT_SECRET: clientSecret,
        GENESYS_LOGIN_URL: gateway.url,
        GENESYS_API_URL: gateway.url,
        GATESTREAM_CONFIGURATION_ID: "demo",
        GATESTREAM_SHUTDOWN_GRACE_MS: "50",
        GATESTREAM_HANDSHAKE_TRIES: "1",
      },
    });
    proxy = await startProxy(Number(new URL(await demo.url).port));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await proxy[Symbol.asyncDispose]();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
    await emulator.close();
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ locale: "en-US" })).newPage();
    await page.goto(`${proxy.url}/element.html`);
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await chat().evaluate((it) => it.removeAttribute("wire"));
  });

  afterEach(() => page.context().close());

  test("empty", async () => {
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - log "Conversation":
        - paragraph: Ask a question.
      - status
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Send"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("waiting", async () => {
    await ask("/scenario silent");
    await untilStatus("streaming");
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario silent
          - button "Copy message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - status
      - status: Answering…
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Stop"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("answering, then stopped", async () => {
    await askInMiddle();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario stall
          - button "Copy message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - heading "How this works" [level=3]
          - paragraph: Thanks for asking
      - status: Answering…
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Stop"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
    await page.getByRole("button", { name: "Stop" }).click();
    await untilStatus("cancelled");
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario stall
          - button "Copy message 1"
          - button "Edit message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - heading "How this works" [level=3]
          - paragraph: Thanks for asking
          - paragraph: Stopped.
          - button "Copy answer 1"
          - button "Ask again answer 1": Ask again
          - time: (time)
      - status: Stopped.
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Send"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("offline", async () => {
    await askInMiddle();
    // What is open is cut: the browser only takes new connections for impossible.
    await page.context().setOffline(true);
    proxy.resetConnections();
    await page.locator(".gs-banner[data-notice=lost]").waitFor();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario stall
          - button "Copy message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - heading "How this works" [level=3]
          - paragraph: Thanks for asking
      - status: There is no network. The answer goes on when it is back…
      - status: Answering…
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Stop"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("done, then editing", async () => {
    await ask("/scenario many-tokens 3");
    await untilStatus("done");
    // The first answer may end before Markdown is loaded.
    await page.locator(".gs-markdown:not(:empty)").waitFor();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario many-tokens 3
          - button "Copy message 1"
          - button "Edit message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - paragraph: 0 1 2
          - button "Copy answer 1"
          - button "Ask again answer 1"
          - time: (time)
      - status: 0 1 2.
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Send"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
    await page.getByRole("button", { name: "Edit message 1" }).click();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - status
          - textbox "Edit message": /scenario many-tokens 3
          - button "Cancel"
          - button "Send again"
        - article "Answer":
          - heading "Answer" [level=2]
          - paragraph: 0 1 2
          - button "Copy answer 1"
          - button "Ask again answer 1"
          - time: (time)
      - status: 0 1 2.
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Send"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("failed", async () => {
    await ask("/scenario unavailable-always");
    await untilStatus("error");
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - heading "Ask us anything" [level=2]
      - button "New chat"
      - log "Conversation":
        - article "You":
          - heading "You" [level=2]
          - text: /scenario unavailable-always
          - button "Copy message 1"
          - button "Edit message 1"
          - time: (time)
        - article "Answer":
          - heading "Answer" [level=2]
          - alert:
            - text: The gateway cannot be reached right now.
            - timer: Trying again may help.
          - group: Details
          - button "Ask again answer 1": Ask again
          - time: (time)
      - status
      - status
      - textbox "Message":
        - /placeholder: What would you like to know?
      - button "Send"
      - paragraph: Answers are written by a machine and can be wrong.
      "
    `);
    await expectForcedColors();
  });

  test("a bubble, then its panel", async () => {
    await chat().evaluate((it) => it.setAttribute("launcher", ""));
    const launcher = page.locator("[part=launcher]");
    await launcher.waitFor();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - button "Open chat"
      "
    `);
    await expectForcedColors();
    await launcher.click();
    expect(await tree()).toMatchInlineSnapshot(`
      "
      - dialog "Ask us anything":
        - heading "Ask us anything" [level=2]
        - log "Conversation":
          - paragraph: Ask a question.
        - status
        - status
        - textbox "Message":
          - /placeholder: What would you like to know?
        - button "Send"
        - paragraph: Answers are written by a machine and can be wrong.
      - button "Close chat" [expanded]
      "
    `);
    await expectForcedColors();
    // On a phone it fills the window, and the bubble that closes it lies over its header.
    await page.setViewportSize({ width: 390, height: 780 });
    expect(await page.locator("[part=chat]").boundingBox()).toEqual({
      x: 0,
      y: 0,
      width: 390,
      height: 780,
    });
    await launcher.click();
    await page.getByRole("button", { name: "Open chat" }).waitFor();
  });
});
