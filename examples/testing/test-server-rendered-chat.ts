import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

import { startRelay } from "../../packages/testing/src/relay-under-test.ts";
import { hasChromium, launchBrowser } from "../vanilla/test/chat-page.ts";
import { startServerProcess, type ServerProcessOptions } from "./server-process.ts";

const run = promisify(execFile);

export interface ServerRenderedChat extends Pick<ServerProcessOptions, "folder" | "command"> {
  /** What builds it, as `command` is what starts it. */
  readonly build: ServerProcessOptions["command"];
  /** The environment variable that has the relay's URL. */
  readonly relayUrlVariable: string;
  /** What else is set for the build and for the server. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Builds the example as its users do, and has a conversation in it. */
export function testServerRenderedChat(chat: ServerRenderedChat): void {
  test.skipIf(!hasChromium)(
    "a page that is rendered on the server answers a question, and a reload keeps the conversation",
    { timeout: 300_000 },
    async () => {
      const { folder, build, command, relayUrlVariable, environment } = chat;
      const inFolder = { cwd: fileURLToPath(folder), env: { ...process.env, ...environment } };
      await run("npx", ["--yes", "pnpm@10.34.8", "install", "--frozen-lockfile"], inFolder);
      await run(process.execPath, build, inFolder);
      await using relay = await startRelay({ allowedOrigins: ["*"] });
      const relayUrl = `${relay.url}/api/llm`;
      const server = await startServerProcess({
        folder,
        command,
        environment: { ...environment, [relayUrlVariable]: relayUrl },
      });
      const browser = await launchBrowser();
      try {
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
        const answer = relay.emulator.calls.find(({ kind }) => kind === "chat");
        const conversation = ["How do I reset my password?", answer?.sentText];
        expect((await shown()).map((text) => text.trim())).toEqual(conversation);
        await page.reload();
        await page.locator("[data-status=done]").waitFor();
        expect((await shown()).map((text) => text.trim())).toEqual(conversation);
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
        await server.close();
      }
    },
  );
}
