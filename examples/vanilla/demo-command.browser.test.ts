import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchBrowser } from "./test/chat-page.ts";
import { demo } from "../../packages/gatestream/src/demo.ts";

describe.skipIf(!hasChromium)("the page of gatestream demo", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  test("answers a question, and its policy complains of nothing", async () => {
    const stop = new AbortController();
    let ended: Promise<void> | undefined;
    const printed = await new Promise<string>((resolve, reject) => {
      ended = demo(0, { print: resolve, stop: stop.signal });
      ended.catch(reject);
    });
    const [url = ""] = /http:\S+/.exec(printed) ?? [];
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => complaints.push(line.text()));
    await page.goto(url);
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.keyboard.press("Enter");
    await page.locator('[data-role="assistant"][data-status="done"]').waitFor();
    const box = await page.locator("gatestream-chat").boundingBox();
    expect(box?.height).toBe(page.viewportSize()?.height);
    expect(complaints).toEqual([]);
    await page.close();
    stop.abort();
    await ended;
  });
});
