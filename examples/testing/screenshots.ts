import { fileURLToPath } from "node:url";
import { test } from "vitest";

import type { ChatRoom } from "./chat-room.ts";

const pictures = [
  { file: "screenshot.png", width: 1280, height: 800, scheme: "light" },
  { file: "screenshot-phone.png", width: 390, height: 780, scheme: "dark" },
] as const;

/** Takes the pictures of the README anew. */
export function updateScreenshots({ open }: ChatRoom, folder: URL): void {
  test.each(pictures)("$file", async ({ file, scheme, ...size }) => {
    const chat = await open(size);
    await chat.prefer(scheme);
    await chat.ask("Which settings do I need?");
    await chat.untilStatus("done");
    if (size.width > 1000) await chat.page.click(".gs-drawer summary");
    await chat.page.$eval(".gs-messages", (messages) => messages.scrollTo(0, 0));
    await chat.page.screenshot({ path: fileURLToPath(new URL(file, folder)) });
  });
}
