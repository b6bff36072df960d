import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startProxy } from "../../packages/client/browsers/proxy.ts";
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

  // It needs `img2webp` (`apt-get install webp`), and shows what other tests prove.
  test.skipIf(!shallWrite)("the network is cut in mid-answer, and the answer goes on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gatestream-frames-"));
    await using network = await startProxy(Number(new URL(await demo.url).port));
    const viewport = { width: 760, height: 560 };
    const chat = await openChat(browser, `${network.url}/`, { viewport, colorScheme: "light" });
    const { page, ask, untilLength, untilStatus } = chat;
    const frames: { readonly file: string; readonly atMs: number }[] = [];
    let isOver = false;

    async function film(): Promise<void> {
      while (!isOver) {
        const file = join(folder, `${frames.length}.png`);
        frames.push({ file, atMs: performance.now() });
        await Promise.all([page.screenshot({ path: file }), delay(100)]);
      }
    }

    const filmed = film();
    await ask("How do I reset my password?");
    await untilLength(180);
    await network.refuseConnections();
    network.resetConnections();
    await page.locator(".gs-banner[data-notice=lost]").waitFor();
    await delay(1800);
    await network.acceptConnections();
    await untilStatus("done");
    await delay(1500);
    isOver = true;
    await filmed;
    await chat.close();
    const lengths = frames.map(({ file, atMs }, index) => {
      const untilMs = frames[index + 1]?.atMs ?? atMs + 2000;
      return ["-d", String(Math.round(untilMs - atMs)), file];
    });
    const picture = fileURLToPath(new URL("reconnect.webp", import.meta.url));
    const options = ["-loop", "0", "-lossless", "-m", "6"];
    await promisify(execFile)("img2webp", [...options, ...lengths.flat(), "-o", picture]);
    await rm(folder, { recursive: true });
    expect((await stat(picture)).size).toBeLessThan(600_000);
  });
});
