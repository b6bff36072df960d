import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { ServerProcess } from "../testing/server-process.ts";
import { startVite } from "../testing/vite-process.ts";
import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";

describe.skipIf(!hasChromium)("in a frame that may neither submit forms nor copy", () => {
  let browser: Browser;
  let vite: ServerProcess;

  beforeAll(async () => {
    const folder = new URL("./", import.meta.url);
    [browser, vite] = await Promise.all([
      launchBrowser(),
      startVite({ folder, command: "preview", environment: { GENESYS_CLIENT_ID: "" } }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await vite.close();
  });

  test("Send and Copy work", async () => {
    const page = await browser.newPage();
    await page.goto(vite.url);
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
      frame.allow = "clipboard-write 'none'";
      frame.src = location.href;
      frame.style.cssText = "width: 600px; height: 500px";
      document.body.replaceChildren(frame);
    });
    const frame = page.frameLocator("iframe");
    await frame.getByRole("textbox", { name: "Message" }).fill("What is on my invoice?");
    await frame.getByRole("button", { name: "Send" }).click();
    await frame.locator('[data-status="done"]').waitFor();
    await frame.getByRole("button", { name: "Copy" }).last().click();
    await frame.getByRole("button", { name: "Copied" }).waitFor();
    await page.close();
  });
});
