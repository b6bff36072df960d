import type { Browser, Page } from "puppeteer-core";

/** A chat on a page, in the page itself or in the shadow of its element. */
export interface ChatInEngine {
  readonly page: Page;
  ask(question: string): Promise<void>;
  click(name: string): Promise<void>;
  /** Resolves when the newest answer has this status and at least this many characters. */
  untilAnswer(status: string, length?: number): Promise<void>;
  /** What `expression` comes to in the page, where `chat` is what holds the chat. */
  look<Value>(expression: string): Promise<Value>;
  /** What the newest answer is in Markdown, once it has ended. */
  content(): Promise<string>;
  close(): Promise<void>;
}

/** Who holds the chat, on either page. */
const chat = 'document.querySelector("gatestream-chat")?.shadowRoot ?? document';

export async function openChatInEngine(browser: Browser, url: string): Promise<ChatInEngine> {
  // A profile of its own: what was kept of another test's chat is not here.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await page.goto(url);
  const inChat = (expression: string): string => `((chat) => ${expression})(${chat})`;

  async function look<Value>(expression: string): Promise<Value> {
    // What a text comes to has no type.
    return (await page.evaluate(inChat(expression))) as Value;
  }

  async function until(expression: string): Promise<void> {
    // `waitForFunction` makes a function of a text, which the page's Trusted Types do not allow.
    await page.evaluate(
      `(async () => { while (!(${inChat(expression)})) await new Promise((resolve) => setTimeout(resolve, 20)); })()`,
    );
  }

  await until(
    'chat.querySelector(".gs-input") !== null && chat.querySelector("details") !== null && document.querySelector("gatestream-chat[hidden]") === null',
  );

  return {
    page,
    look,
    async ask(question) {
      await look('void chat.querySelector(".gs-composer .gs-input").focus()');
      await page.keyboard.type(question);
      await page.keyboard.press("Enter");
      await until(`chat.querySelector(".gs-composer .gs-input").value === ""`);
    },
    async click(name) {
      const visible = `[...chat.querySelectorAll("button")].filter((it) => it.checkVisibility())`;
      const named = `${visible}.find((it) => it.textContent === ${JSON.stringify(name)})`;
      await until(`${named} !== undefined`);
      await look(`void ${named}.click()`);
    },
    async untilAnswer(status, length = 0) {
      const answer = '[...chat.querySelectorAll("[data-role=assistant]")].at(-1)';
      const text = `${answer}.querySelector(".gs-markdown").textContent`;
      await until(
        `${answer}?.dataset.status === ${JSON.stringify(status)} && ${text}.length >= ${length}`,
      );
    },
    async content() {
      const saved = await page.evaluate("sessionStorage.chat ?? sessionStorage['element-chat']");
      return JSON.parse(String(saved)).messages.at(-1).content;
    },
    close: () => context.close(),
  };
}
