import type { BrowserContext, Locator, Page } from "playwright-core";

export interface ChatPage {
  readonly page: Page;
  /** All answers. */
  readonly answers: Locator;
  /** The newest one. */
  readonly answer: Locator;
  readonly alert: Locator;
  readonly status: Locator;
  ask(question: string): Promise<void>;
  /** How many questions were asked. */
  asked(): number;
  button(name: string): Locator;
  /** Resolves when the newest answer shows something. */
  untilText(): Promise<void>;
  /** Resolves when the newest answer has ended for this reason. */
  untilReason(reason: string): Promise<void>;
  /** What the gateway has sent as text, as it is shown. */
  textOf(answer: Locator): Promise<string>;
  /** Errors and warnings in the console, or thrown. */
  readonly complaints: readonly string[];
}

/** Opens the page in a new tab, and waits until it has looked for an answer to resume. */
export async function openChat(context: BrowserContext, url: string): Promise<ChatPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    // The browser logs each request that fails or is refused; no page can prevent that.
    const isTheBrowsers = line.location().url.includes("/api/llm/");
    if (["error", "warning"].includes(line.type()) && !isTheBrowsers) complaints.push(line.text());
  });
  await Promise.all([page.waitForResponse(/\/streams?$/), page.goto(url)]);
  const answers = page.getByRole("article", { name: "Answer" });
  const answer = answers.last();
  let questions = 0;

  return {
    page,
    answers,
    answer,
    alert: page.getByRole("alert"),
    status: page.getByRole("status"),
    async ask(question) {
      questions += 1;
      await page.getByRole("textbox", { name: "Message" }).fill(question);
      await page.getByRole("button", { name: "Send" }).click();
    },
    asked: () => questions,
    button: (name) => page.getByRole("button", { name, exact: true }),
    untilText: () => answer.locator(".text", { hasText: /./ }).first().waitFor(),
    untilReason: (reason) => answer.locator("footer", { hasText: reason }).waitFor(),
    textOf: async (given) => (await given.locator(".text").allTextContents()).join(""),
    complaints,
  };
}
