import { createEmulator } from "@gatestream/emulator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { hasChromium, launchBrowser } from "./test/chat-page.ts";
import { type DemoProcess, startDemo } from "./test/demo-process.ts";

const clientId = "configuration-test";
const clientSecret = "configuration-test-secret";
const emulator = createEmulator({ clientId, clientSecret, tokensPerSecond: 0 });

describe.skipIf(!hasChromium)("with a gateway of one's own", () => {
  let browser: Browser;
  let demo: DemoProcess;

  beforeAll(async () => {
    const gateway = await emulator.listen();
    browser = await launchBrowser();
    demo = await startDemo({
      environment: {
        GENESYS_CLIENT_ID: clientId,
        GENESYS_CLIENT_SECRET: clientSecret,
        GENESYS_LOGIN_URL: gateway.url,
        GENESYS_API_URL: gateway.url,
      },
    });
  });

  afterAll(async () => {
    await browser.close();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
    await emulator.close();
  });

  beforeEach(() => emulator.reset());

  test.each([
    ["the page", ""],
    ["the element's page", "element.html"],
  ])("%s asks for the configuration, uses it, and asks once for each tab", async (_name, path) => {
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (line) => {
      if (["error", "warning"].includes(line.type())) complaints.push(line.text());
    });
    await page.goto((await demo.url) + path);
    const field = page.getByRole("textbox", { name: "Configuration ID of your gateway" });
    const message = page.getByRole("textbox", { name: "Message" });
    await field.waitFor();
    expect(await field.evaluate((it) => it === document.activeElement)).toBe(true);
    // Blank is none, although the browser lets it pass.
    await page.keyboard.type(" ");
    await page.keyboard.press("Enter");
    expect(await field.isVisible()).toBe(true);
    await field.fill(" cfg-7 ");
    await page.getByRole("button", { name: "Use it" }).click();
    await field.waitFor({ state: "hidden" });
    for (const question of ["Hello", "Again"]) {
      await message.fill(question);
      await message.press("Enter");
      const call = await emulator.waitFor(
        ({ kind, body }) => kind === "chat" && JSON.stringify(body)?.includes(question),
      );
      expect(call.body).toMatchObject({ configurationId: "cfg-7" });
      await page.locator("[data-role=assistant][data-status=done]").last().waitFor();
      await page.reload();
      await message.waitFor();
      expect(await field.isVisible()).toBe(false);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
