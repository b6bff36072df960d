import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startHeldGateway, type HeldGateway } from "../../packages/testing/src/held-gateway.ts";
import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";
import {
  startServerProcess,
  type ServerProcess,
  type ServerProcessOptions,
} from "./server-process.ts";
import { testMountedRelay } from "./test-mounted-relay.ts";

const run = promisify(execFile);

export interface ServerRenderedChat extends Pick<ServerProcessOptions, "folder" | "command"> {
  /** What builds it, as `command` is what starts it. */
  readonly build: ServerProcessOptions["command"];
  /** What else is set for the build and for the server. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A page's server with the relay mounted in it, and the gateway that the relay asks. */
export interface ServerWithRelay {
  readonly server: ServerProcess;
  readonly gateway: HeldGateway;
}

/** Builds the example as its users do, has a conversation in it, and tries the relay that it mounts. */
export function describeServerRenderedChat(chat: ServerRenderedChat): void {
  describe.skipIf(!hasChromium)("a page that is rendered on the server", () => {
    let gateway: HeldGateway;
    let server: ServerProcess;

    beforeAll(async () => {
      const { folder, build, command, environment } = chat;
      const inFolder = { cwd: fileURLToPath(folder), env: { ...process.env, ...environment } };
      await run("npx", ["--yes", "pnpm@10.34.8", "install", "--frozen-lockfile"], inFolder);
      await run(process.execPath, build, inFolder);
      gateway = await startHeldGateway();
      server = await startServerProcess({
        folder,
        command,
        environment: {
          ...environment,
          GENESYS_CLIENT_ID: "demo-client",
          GENESYS_CLIENT_SECRET: "demo-secret",
          GENESYS_LOGIN_URL: gateway.url,
          GENESYS_API_URL: gateway.url,
        },
      });
    }, 300_000);
    afterAll(async () => {
      await server.close();
      await gateway[Symbol.asyncDispose]();
    });

    test("answers a question, and a reload keeps the conversation", async () => {
      const browser = await launchBrowser();
      try {
        await converse(browser, { server, gateway });
      } finally {
        await browser.close();
      }
    });

    testMountedRelay(() => ({ server, gateway }));
  });
}

async function converse(browser: Browser, { server, gateway }: ServerWithRelay): Promise<void> {
  expect(await (await fetch(server.url)).text()).toContain("<form");
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type())) complaints.push(line.text());
  });
  const shown = () => page.locator("[data-role]").allTextContents();
  await page.goto(server.url);
  const message = page.getByLabel("Message");
  // Nothing that is typed before the page is hydrated is lost, but Enter would load it again.
  await page.waitForLoadState("networkidle");
  await message.fill("How do I reset my password?");
  await message.press("Enter");
  await page.locator("[data-status=done]").waitFor();
  const answer = gateway.emulator.calls.find(({ kind }) => kind === "chat");
  const conversation = ["How do I reset my password?", answer?.sentText];
  expect((await shown()).map((text) => text.trim())).toEqual(conversation);
  await page.reload();
  await page.locator("[data-status=done]").waitFor();
  expect((await shown()).map((text) => text.trim())).toEqual(conversation);
  expect(complaints).toEqual([]);
}
