import { writeFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hasChromium, launchBrowser, openChat } from "./test/chat-page.ts";
import { startDemo, type DemoProcess } from "./test/demo-process.ts";

/** With UPDATE_SCREENSHOTS=1 the pictures of the READMEs are taken anew. */
const shallWrite = process.env["UPDATE_SCREENSHOTS"] === "1";

const pages = [
  { path: "", folder: "./" },
  { path: "react/", folder: "../react-chat/" },
  { path: "vue/", folder: "../vue-chat/" },
] as const;

const pictures = [
  {
    file: "screenshot.png",
    viewport: { width: 1280, height: 800 },
    colorScheme: "light",
    isWireOpen: true,
  },
  {
    file: "screenshot-phone.png",
    viewport: { width: 390, height: 780 },
    colorScheme: "dark",
    isWireOpen: false,
  },
] as const;

describe.skipIf(!hasChromium)("what the READMEs show", () => {
  let browser: Browser;
  let demo: DemoProcess;

  beforeAll(async () => {
    demo = await startDemo({ environment: { GATESTREAM_SHUTDOWN_GRACE_MS: "50" } });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
  });

  // Without the switch one page is enough: they look the same.
  const taken = pages
    .slice(0, shallWrite ? undefined : 1)
    .flatMap((page) =>
      pictures.map((picture) => [page.folder + picture.file, page, picture] as const),
    );

  test.each(taken)("%s is the page", async (file, { path }, picture) => {
    const { viewport, colorScheme, isWireOpen } = picture;
    const chat = await openChat(browser, (await demo.url) + path, { viewport, colorScheme });
    const { page, ask, untilLength } = chat;
    if (isWireOpen) await page.locator(".gs-drawer summary").click();
    await ask("How do I report a fault?");
    // In the middle: with the code, and before it has scrolled away.
    await untilLength(450);
    const png = await page.screenshot();
    // Width and height stand in the file's first chunk.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([viewport.width, viewport.height]);
    if (shallWrite) await writeFile(new URL(file, import.meta.url), png);
    await chat.close();
  });
});
