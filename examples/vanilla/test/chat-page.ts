import { existsSync } from "node:fs";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { chromiumArguments } from "../../../packages/client/browsers/engines/programs.ts";

const chromiumPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Whether there is a browser to test in; `npm test` says what to do where there is none. */
export const hasChromium = existsSync(chromiumPath);

export interface ChatPage {
  readonly page: Page;
  readonly message: Locator;
  /** The newest answer. */
  readonly answer: Locator;
  readonly text: Locator;
  /** The newest answer as the gateway has sent it, once it has ended. */
  content(): Promise<string>;
  /** One of the figures in the drawer: `first-token`, `tokens-per-second`, `tokens`, `status`. */
  figure(name: string): Promise<string | null>;
  ask(question: string): Promise<void>;
  /** Resolves when the newest answer has this status. */
  untilStatus(status: string): Promise<void>;
  /** Resolves when the newest answer shows this many characters. */
  untilLength(length: number): Promise<void>;
  /** Buttons whose names begin with `name`. */
  button(name: string): Locator;
  /** Errors and violations of the page's own policy, in the console or thrown. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [...chromiumArguments],
  });
}

/** Opens the chat in a profile of its own, and waits until it can be used. */
export async function openChat(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    const isComplaint = line.type() === "error" || line.type() === "warning";
    // The browser logs every refusal of fetch itself; no page can prevent that.
    const isRefusal = line.location().url.endsWith("/api/llm/stream");
    if (isComplaint && !isRefusal) complaints.push(line.text());
  });

  await page.goto(url);
  const message = page.getByRole("textbox", { name: "Message" });
  await message.waitFor();
  const answer = page.getByRole("article", { name: "Answer" }).last();
  const text = answer.locator(".gs-markdown");

  return {
    page,
    message,
    answer,
    text,
    async content() {
      const saved = await page.evaluate(() => sessionStorage.getItem("chat"));
      return JSON.parse(saved ?? "{}").messages.at(-1).content;
    },
    figure: (name) => page.locator(`[data-figure="${name}"]`).textContent(),
    async ask(question) {
      await message.fill(question);
      await message.press("Enter");
    },
    untilStatus: (status) => answer.and(page.locator(`[data-status="${status}"]`)).waitFor(),
    async untilLength(length) {
      await page.waitForFunction((expected) => {
        const texts = document.querySelectorAll(".gs-markdown");
        return ([...texts].at(-1)?.textContent ?? "").length >= expected;
      }, length);
    },
    // A message's buttons name their message: "Edit message 1".
    button: (name) => page.getByRole("button", { name: new RegExp(`^${name}\\b`) }),
    complaints,
    close: () => context.close(),
  };
}
