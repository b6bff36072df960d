import type { Browser, Page } from "puppeteer-core";

/** How wide and high a page is, in CSS pixels. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** A chat as somebody uses it. */
export interface ChatPage {
  readonly page: Page;
  /** Types a question and sends it by Enter. */
  ask(question: string): Promise<void>;
  /** Presses the button with this label. */
  press(label: string): Promise<void>;
  /** Resolves when the newest answer has this status. */
  untilStatus(status: string): Promise<void>;
  /** Resolves when the newest answer shows this many characters. */
  untilLength(length: number): Promise<void>;
  /** Resolves when the banner tells this of the connection. */
  untilNotice(notice: "lost" | "resumed"): Promise<void>;
  /** Makes the page believe that its reader prefers these colours. */
  prefer(scheme: "light" | "dark"): Promise<void>;
  /** The conversation as it is kept over a reload: `role: text`. */
  transcript(): Promise<readonly string[]>;
  /** Errors and warnings in the console, or thrown. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** What `persistInSession` keeps. */
interface Kept {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** Opens the chat in a profile of its own, and waits until it can be used. */
export async function openChatPage(
  browser: Browser,
  url: string,
  size: PageSize = { width: 1280, height: 800 },
): Promise<ChatPage> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport(size);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    const isComplaint = line.type() === "error" || line.type() === "warn";
    // The browser logs each request that fails; no page can prevent that.
    const isRefused = line.location().url?.includes("/api/llm/") ?? false;
    const isCutOff = line.text().includes("net::ERR_");
    // So it does when a test frames the page without the right to copy.
    const isFrame = /^An iframe which has both|^Permissions policy violation/.test(line.text());
    if (isComplaint && !isRefused && !isCutOff && !isFrame) complaints.push(line.text());
  });
  await page.goto(url);
  await page.waitForSelector(".gs-composer textarea");

  return {
    page,
    async ask(question) {
      await page.focus(".gs-composer textarea");
      await page.keyboard.type(question);
      await page.keyboard.press("Enter");
    },
    async press(label) {
      const selector = `xpath/.//button[normalize-space()="${label}"]`;
      const button = await page.waitForSelector(selector, { visible: true });
      await button?.click();
    },
    async untilStatus(status) {
      await page.waitForSelector(`.gs-message:last-of-type[data-status="${status}"]`);
    },
    async untilLength(length) {
      await page.waitForFunction(
        (wanted) => {
          const answers = document.querySelectorAll(
            ".gs-message[data-role=assistant] .gs-markdown",
          );
          return ([...answers].at(-1)?.textContent ?? "").length >= wanted;
        },
        {},
        length,
      );
    },
    async untilNotice(notice) {
      await page.waitForSelector(`.gs-banner[data-notice="${notice}"]`);
    },
    async prefer(value) {
      // Firefox cannot be told; it is light.
      if (value === "dark") {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      }
    },
    async transcript() {
      const kept = await page.evaluate(() => sessionStorage.getItem("gatestream-chat"));
      if (kept === null) return [];
      const { messages } = JSON.parse(kept) as Kept;
      return messages.map(({ role, content }) => `${role}: ${content}`);
    },
    complaints,
    close: () => context.close(),
  };
}
