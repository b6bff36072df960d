import type { Browser, Locator, Page } from "playwright-core";

export interface ReadingPage {
  readonly page: Page;
  readonly answer: Locator;
  readonly text: Locator;
  /** Each row of the list, as its event and its words. */
  rows(): Promise<readonly string[]>;
  /** The figures below the question: `tokens`, `last-id`, `missing`, `twice`, `connections`. */
  figure(id: string): Promise<number>;
  ask(question: string): Promise<void>;
  button(name: string): Locator;
  untilStatus(status: string): Promise<void>;
  untilFigure(id: string, atLeast: number): Promise<void>;
  /** The addresses that were read so far, one for each connection. */
  readonly reads: readonly string[];
  /** Errors and violations of the page's own policy, in the console or thrown. */
  readonly complaints: readonly string[];
}

const streamPath = "/api/llm/stream/";

/** Opens the page in a profile of its own. */
export async function openPage(browser: Browser, url: string): Promise<ReadingPage> {
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  const reads: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => {
    // The browser tells of a cut itself; no page can prevent that.
    const isCut = line.location().url.includes(streamPath);
    if (["error", "warning"].includes(line.type()) && !isCut) complaints.push(line.text());
  });
  page.on("request", (request) => {
    const isRead = request.method() === "GET" && request.url().includes(streamPath);
    if (isRead) reads.push(request.url());
  });
  await page.goto(url);
  const answer = page.getByRole("article", { name: "Answer" });

  return {
    page,
    answer,
    text: answer.locator(".text"),
    async rows() {
      const rows = await page.locator("#events li").allInnerTexts();
      return rows.map((row) => row.replace(/^[\d.]+ s\s+/, "").replaceAll(/\s+/g, " "));
    },
    figure: async (id) => Number(await page.locator(`#${id}`).textContent()),
    async ask(question) {
      await page.getByLabel("Question", { exact: true }).fill(question);
      await page.getByRole("button", { name: "Ask" }).click();
    },
    button: (name) => page.getByRole("button", { name, exact: true }),
    untilStatus: (status) => answer.and(page.locator(`[data-status="${status}"]`)).waitFor(),
    async untilFigure(id, atLeast) {
      await page.waitForFunction(
        ([figure, least]) => Number(document.querySelector(`#${figure}`)?.textContent) >= least,
        [id, atLeast] as const,
      );
    },
    reads,
    complaints,
  };
}

/** What the relay has kept of a stream. */
export async function keptText(url: string): Promise<string> {
  const kept = await (await fetch(url)).text();
  const events = [...kept.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data));
  return events.map(({ type, content }) => (type === "token" ? content : "")).join("");
}
