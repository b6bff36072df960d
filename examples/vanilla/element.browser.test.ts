import { readFile } from "node:fs/promises";
import type { Client, StreamError, StreamResult } from "@gatestream/client";
import { createEmulator } from "@gatestream/emulator";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { axeViolations } from "../testing/axe-violations.ts";
import { hasChromium, launchBrowser } from "./test/chat-page.ts";
import { type DemoProcess, startDemo } from "./test/demo-process.ts";

const clientId = "element-test";
const clientSecret = "element-test-secret";
const emulator = createEmulator({ clientId, clientSecret, tokensPerSecond: 200 });

/** What a page sees of the element. */
interface ChatElement extends HTMLElement {
  client: Client | undefined;
  send(text: string): boolean;
}

let browser: Browser;
let demo: DemoProcess;
let url: string;
let page: Page;
let complaints: string[] = [];

describe.skipIf(!hasChromium)("<gatestream-chat> in Chromium", () => {
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
    browser = await launchBrowser();
    url = `${await demo.url}element.html`;
  });

  afterAll(async () => {
    await browser.close();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
    await emulator.close();
  });

  beforeEach(async () => {
    emulator.reset();
    complaints = [];
    page = await (await browser.newContext()).newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => {
      if (["error", "warning"].includes(line.type())) complaints.push(line.text());
    });
  });

  // The page's policy allows nothing inline, and complains of whatever tries.
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  const chatCalls = () => emulator.calls.filter(({ kind }) => kind === "chat");
  /** Opens the page, and waits until it knows its configuration. */
  async function open(): Promise<void> {
    await page.goto(url);
    await element().waitFor();
  }

  const axeFindsWrong = () =>
    axeViolations({
      evaluate: (run) => page.evaluate(run),
      evaluateSource: (source) => page.evaluate(source),
    });
  const element = () => page.locator("gatestream-chat");
  const answer = (status: string) => page.locator(`[data-role=assistant][data-status=${status}]`);

  test("attributes say what it shows, also when they change", async () => {
    await open();
    const { message, drawer } = {
      message: page.getByRole("textbox", { name: "Message" }),
      drawer: page.getByText("Wire"),
    };
    expect(await page.getByRole("heading", { name: "Ask us anything" }).isVisible()).toBe(true);
    expect(await message.getAttribute("placeholder")).toBe("What would you like to know?");
    expect(await drawer.isVisible()).toBe(true);
    await element().evaluate((it) => {
      it.setAttribute("heading", "Help");
      it.removeAttribute("placeholder");
      it.removeAttribute("wire");
      it.setAttribute("configuration-id", "cfg-2");
    });
    expect(await page.getByRole("heading", { name: "Help" }).isVisible()).toBe(true);
    expect(await message.getAttribute("placeholder")).toBe("Write a message");
    expect(await drawer.isVisible()).toBe(false);
    await message.fill("Hello");
    await message.press("Enter");
    await answer("done").waitFor();
    expect(chatCalls()[0]?.body).toMatchObject({ configurationId: "cfg-2" });
  });

  test("events tell how an answer has ended, and bubble", async () => {
    await open();
    const done = page.evaluate(
      () =>
        new Promise<StreamResult>((resolve) => {
          const hear = (event: Event): void => resolve((event as CustomEvent<StreamResult>).detail);
          document.addEventListener("gatestream-done", hear, { once: true });
        }),
    );
    await element().evaluate((it) => (it as ChatElement).send("Hello"));
    expect(await done).toMatchObject({ text: chatCalls()[0]?.sentText, reason: "stop" });
    const failed = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const hear = (event: Event): void =>
            resolve((event as CustomEvent<StreamError>).detail.code);
          document.addEventListener("gatestream-error", hear, { once: true });
        }),
    );
    await element().evaluate((it) => (it as ChatElement).send("/scenario cut"));
    expect(await failed).toBe("gateway_interrupted");
  });

  test("a client that was set before the script came is the one that is asked", async () => {
    await page.addInitScript(() => {
      document.addEventListener("DOMContentLoaded", () => {}, { once: true });
      new MutationObserver((_records, observer) => {
        const chat = document.querySelector("gatestream-chat");
        if (chat === null) return;
        observer.disconnect();
        Object.assign(chat, {
          client: {
            stream() {
              Object.assign(globalThis, { wasAsked: true });
              throw new Error("enough");
            },
          },
        });
      }).observe(document, { childList: true, subtree: true });
    });
    await open();
    const wasAsked = await element().evaluate((it) => {
      try {
        (it as ChatElement).send("Hello");
      } catch {
        // The client above says that this is enough.
      }
      return "wasAsked" in globalThis;
    });
    expect(wasAsked).toBe(true);
    expect(chatCalls()).toEqual([]);
  });

  test("an element that is moved in the page goes on with its answer", async () => {
    await open();
    await element().evaluate((it) => (it as ChatElement).send("How do I reset my password?"));
    await answer("streaming").waitFor();
    await element().evaluate((it) => document.body.append(it));
    await answer("done").waitFor();
    expect(chatCalls().map(({ state }) => state)).toEqual(["answered"]);
  });

  test("an element that is removed and not resumable ends its answer at the gateway", async () => {
    await open();
    await element().evaluate((it) => {
      it.removeAttribute("persist");
      it.removeAttribute("resumable");
    });
    await element().evaluate((it) => (it as ChatElement).send("/scenario stall"));
    await emulator.waitFor(({ sentText }) => sentText !== "");
    await page.locator(".gs-markdown:not(:empty)").waitFor();
    await element().evaluate((it) => it.remove());
    await emulator.waitFor(({ kind, state }) => kind === "chat" && state === "aborted");
  });

  test("an element that is out of the page for a while keeps its conversation and its answer", async () => {
    await open();
    await element().evaluate((it) => it.removeAttribute("persist"));
    await element().evaluate((it) => (it as ChatElement).send("Hello"));
    await answer("done").waitFor();
    await element().evaluate((it) => (it as ChatElement).send("How do I reset my password?"));
    // Its first text: before it, the relay has not said yet that the answer can be resumed.
    await answer("streaming").locator(".gs-markdown:not(:empty)").waitFor();
    await element().evaluate(async (it) => {
      it.remove();
      Object.assign(globalThis, { hidden: it });
      await new Promise((resolve) => requestAnimationFrame(resolve));
    });
    await page.evaluate("document.querySelector('main').append(hidden)");
    await page.locator("[data-role=assistant][data-status=done]").nth(1).waitFor();
    expect(await page.getByRole("article").count()).toBe(4);
    expect(chatCalls().map(({ state }) => state)).toEqual(["answered", "answered"]);
    const shown = await page.locator(".gs-markdown").last().textContent();
    expect(shown).toContain("no model was asked.");
  });

  test.each(["light", "dark"] as const)(
    "the accent of the README can be read: %s",
    async (colorScheme) => {
      const readme = await readFile(
        new URL("../../packages/element/README.md", import.meta.url),
        "utf8",
      );
      const [, css = ""] = /```css\n([^]+?)```/.exec(readme) ?? [];
      await page.emulateMedia({ colorScheme });
      await open();
      await element().evaluate((it, text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        document.adoptedStyleSheets = [sheet];
        (it as ChatElement).send("Hello");
      }, css);
      await answer("done").waitFor();
      const ratios = await element().evaluate((it) => {
        const frame = it.shadowRoot?.querySelector(".gs-chat");
        const probe = document.createElement("a");
        it.shadowRoot?.querySelector(".gs-markdown")?.append(probe);
        const canvas = document.createElement("canvas").getContext("2d", {
          willReadFrequently: true,
        });
        if (!frame || !canvas) throw new Error("The chat is not there.");
        const luminance = (colour: string): number => {
          canvas.fillStyle = colour;
          canvas.fillRect(0, 0, 1, 1);
          const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map(
            (value) => ((value / 255 + 0.055) / 1.055) ** 2.4,
          );
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const contrast = (one: string, other: string): number => {
          const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted(
            (a, b) => b - a,
          );
          return (light + 0.05) / (dark + 0.05);
        };
        return contrast(getComputedStyle(probe).color, getComputedStyle(frame).backgroundColor);
      });
      expect(ratios).toBeGreaterThan(4.5);
    },
  );

  test("another key is another conversation", async () => {
    await open();
    await element().evaluate((it) => (it as ChatElement).send("Hello"));
    await answer("done").waitFor();
    await element().evaluate((it) => it.setAttribute("persist", "other"));
    expect(await page.getByRole("article").count()).toBe(0);
    await element().evaluate((it) => it.setAttribute("persist", "element-chat"));
    expect(await page.getByRole("article").count()).toBe(2);
  });

  test("focus() goes to where messages are written; Enter in it sends no form around it", async () => {
    await open();
    await element().evaluate((it) => {
      const form = document.createElement("form");
      form.action = "/elsewhere";
      it.before(form);
      form.append(it);
      it.focus();
    });
    await page.keyboard.type("Hello");
    await page.keyboard.press("Enter");
    await answer("done").waitFor();
    expect(page.url()).toBe(url);
  });

  test("where Markdown cannot be loaded, answers are shown as text", async () => {
    await page.route("**/modules/markdown.js", (route) => route.fulfill({ status: 404 }));
    await open();
    await element().evaluate((it) => (it as ChatElement).send("How do I reset my password?"));
    await answer("done").waitFor();
    expect(await page.locator(".gs-markdown").textContent()).toBe(chatCalls()[0]?.sentText);
    expect(await page.locator(".gs-announcement").textContent()).toContain("no model was asked.");
    expect(complaints.join()).toContain("gatestream: Markdown could not be loaded");
    complaints = [];
  });

  test("the playground changes the element, and shows the HTML to copy", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(url.replace("element.html", "playground.html"));
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await page.getByLabel("Greeting").fill('Say "hello" & more');
    await page.getByLabel("Language").selectOption("de");
    await page.getByLabel("Theme").selectOption("dark");
    await page.getByLabel("Brand colour").fill("#6b2fbf");
    await page.getByLabel("Compact").check();
    await page.getByLabel("Answers can be rated").check();
    // The words of the language are loaded last.
    await page.getByRole("button", { name: "Senden" }).waitFor();
    expect(await page.locator("[part=empty]").textContent()).toContain('Say "hello" & more');
    const background = await page
      .locator("[part=chat]")
      .evaluate((it) => getComputedStyle(it).backgroundColor);
    expect(background).toBe("rgb(14, 22, 21)");
    expect(await axeFindsWrong()).toEqual([]);
    await page.locator("#copy").click();
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.split("\n").slice(2)).toEqual([
      "<gatestream-chat",
      '  src="/api/llm"',
      '  persist="playground"',
      '  storage="session"',
      "  resumable",
      '  configuration-id="demo"',
      '  heading="Ask us anything"',
      '  prompts="How do I reset my password? | How do I report a fault?"',
      '  greeting="Say &quot;hello&quot; &amp; more"',
      '  lang="de"',
      '  theme="dark"',
      '  brand-color="#6b2fbf"',
      '  density="compact"',
      "  feedback",
      "></gatestream-chat>",
    ]);
  });

  test("parts and properties are the page's to style", async () => {
    await open();
    await element().evaluate((it) => (it as ChatElement).send("Hello"));
    const styles = await element().evaluate((it) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        "gatestream-chat { --gs-tint: rgb(1, 2, 3) } gatestream-chat::part(user-message) { order: 7 }",
      );
      document.adoptedStyleSheets = [sheet];
      const question = it.shadowRoot?.querySelector(".gs-text");
      const message = it.shadowRoot?.querySelector(".gs-message");
      if (!question || !message) throw new Error("nothing was asked");
      return [getComputedStyle(question).backgroundColor, getComputedStyle(message).order];
    });
    expect(styles).toEqual(["rgb(1, 2, 3)", "7"]);
  });
});
