import type { Engine, Key, Page, PageSize } from "../../packages/client/browsers/engines/engine.ts";

/** One of the pages that show the same chat. */
export interface ChatPageKind {
  readonly name: string;
  readonly path: string;
  /** Under which name the session storage keeps its conversation. */
  readonly storageKey: string;
}

export const chatPages: readonly ChatPageKind[] = [
  { name: "the vanilla page", path: "", storageKey: "chat" },
  { name: "the element", path: "element.html", storageKey: "element-chat" },
  { name: "the React page", path: "react/", storageKey: "gatestream-chat" },
  { name: "the Vue page", path: "vue/", storageKey: "gatestream-chat" },
];

/** Sees nothing of the test but its arguments: what holds the chat, and a value that is JSON. */
export type InChat<Argument, Value> = (
  chat: Document | ShadowRoot,
  argument: Argument,
) => Value | Promise<Value>;

/** A message as a page saves it. */
export interface SavedMessage {
  readonly id?: string;
  readonly role: string;
  readonly content: string;
  readonly status?: string;
  readonly reason?: string;
  readonly parts?: readonly Readonly<Record<string, unknown>>[];
}

/** One of the pages, driven as a user would. */
export interface ChatPage {
  readonly page: Page;
  /** Resolves with what `run` comes to in the page. */
  look<Value>(run: InChat<undefined, Value>): Promise<Value>;
  look<Argument, Value>(run: InChat<Argument, Value>, argument: Argument): Promise<Value>;
  /** Resolves when `run` comes to something true in the page. */
  until(run: InChat<undefined, unknown>): Promise<void>;
  until<Argument>(run: InChat<Argument, unknown>, argument: Argument): Promise<void>;
  /** Types a question and sends it by Enter. */
  ask(question: string): Promise<void>;
  /** Focuses the field of the composer and types into it. */
  write(text: string): Promise<void>;
  press(key: Key, options?: { readonly shift?: boolean }): Promise<void>;
  /** Clicks the first visible button whose accessible name begins with `name`. */
  click(name: string): Promise<void>;
  /** Resolves when the newest answer has this status. */
  untilStatus(status: string): Promise<void>;
  /** Resolves when the newest answer shows this many characters. */
  untilLength(length: number): Promise<void>;
  /** Resolves when the banner tells this of the connection. */
  untilNotice(notice: "lost" | "resumed"): Promise<void>;
  /** The conversation that is saved. */
  saved(): Promise<readonly SavedMessage[]>;
  /** Reloads the page, which then finds these messages saved. */
  reloadWith(messages: readonly SavedMessage[]): Promise<void>;
  reload(): Promise<void>;
  /** One of the figures of the inspector. */
  figure(name: string): Promise<string>;
}

/** What holds the chat, on each page. */
const chat = 'document.querySelector("gatestream-chat")?.shadowRoot ?? document';

/** Opens a chat, and waits until it can be used. */
export async function openChatPage(
  engine: Engine,
  { url, kind }: { readonly url: string; readonly kind: ChatPageKind },
  size: PageSize,
): Promise<ChatPage> {
  const page = await engine.open(url + kind.path);
  await page.resize(size);
  const call = (run: unknown, argument: unknown): string =>
    `(${String(run)})(${chat}, ${JSON.stringify(argument)})`;

  function look<Value>(run: unknown, argument?: unknown): Promise<Value> {
    return page.evaluateSource<Value>(`(async () => ${call(run, argument)})()`);
  }

  function until(run: unknown, argument?: unknown): Promise<void> {
    return page.evaluateSource(
      `(async () => { while (!(await ${call(run, argument)})) await new Promise((resolve) => setTimeout(resolve, 20)); })()`,
    );
  }

  async function untilReady(): Promise<void> {
    await until(
      (it: ParentNode) =>
        it.querySelector(".gs-composer textarea") !== null &&
        document.querySelector("gatestream-chat[hidden]") === null,
    );
  }

  async function reload(): Promise<void> {
    await page.reload();
    await untilReady();
  }

  async function write(text: string): Promise<void> {
    await look((it: ParentNode) => it.querySelector<HTMLElement>(".gs-composer textarea")?.focus());
    await page.type(text);
  }

  await untilReady();
  return {
    page,
    look,
    until,
    write,
    press: page.press,
    async ask(question) {
      await write(question);
      await page.press("Enter");
      await until(
        (it: ParentNode) =>
          it.querySelector<HTMLTextAreaElement>(".gs-composer textarea")?.value === "",
      );
    },
    async click(name) {
      await until((it: ParentNode, wanted: string) => {
        const button = [...it.querySelectorAll("button")].find(
          (candidate) =>
            candidate.checkVisibility() &&
            !candidate.disabled &&
            (candidate.ariaLabel ?? candidate.textContent.trim()).startsWith(wanted),
        );
        button?.click();
        return button !== undefined;
      }, name);
    },
    untilStatus: (status) =>
      until((it: ParentNode, wanted: string) => {
        const answers = it.querySelectorAll<HTMLElement>("[data-role=assistant]");
        return [...answers].at(-1)?.dataset["status"] === wanted;
      }, status),
    untilLength: (length) =>
      until((it: ParentNode, wanted: number) => {
        const texts = it.querySelectorAll("[data-role=assistant] .gs-markdown");
        return ([...texts].at(-1)?.textContent ?? "").length >= wanted;
      }, length),
    untilNotice: (notice) =>
      until(
        (it: ParentNode, wanted: string) =>
          it.querySelector(`.gs-banner[data-notice=${wanted}]`) !== null,
        notice,
      ),
    async saved() {
      const saved = await page.evaluate((key) => sessionStorage.getItem(key), kind.storageKey);
      return saved === null ? [] : JSON.parse(saved).messages;
    },
    async reloadWith(messages) {
      const withIds = messages.map((message, index) => Object.assign({ id: `s${index}` }, message));
      const entry = { key: kind.storageKey, json: JSON.stringify({ messages: withIds }) };
      await page.evaluate(({ key, json }) => sessionStorage.setItem(key, json), entry);
      await reload();
      await until((it: ParentNode) => it.querySelector(".gs-message") !== null);
    },
    reload,
    figure: (name) =>
      look(
        (it: ParentNode, wanted: string) =>
          it.querySelector(`[data-figure=${wanted}]`)?.textContent ?? "",
        name,
      ),
  };
}
