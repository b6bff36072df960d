import { createClient, type Client, type StreamError, type StreamResult } from "@gatestream/client";
import {
  createChat,
  persistInSession,
  persistLocally,
  type Chat,
  type ChatMessage,
  type StoredConversations,
} from "@gatestream/client/chat";
import {
  conversationText,
  createChatView,
  createInspector,
  english,
  inspectorListeners,
  saveText,
  type ChatView,
  type Labels,
} from "@gatestream/ui";
import { brandStyleSheet } from "./brand-style-sheet.ts";
import { buildConversationList } from "./conversation-list.ts";
import { createLauncher, type Launcher } from "./launcher.ts";
import { sharedStyleSheet } from "./style-sheet.ts";

/** The events of a chat; each bubbles, out of shadow trees too. */
export interface GatestreamChatEvents {
  /** An answer has ended, and this is what has come of it. */
  "gatestream-done": CustomEvent<StreamResult>;
  /** An answer has failed, and this is why. */
  "gatestream-error": CustomEvent<StreamError>;
  /** A reader has said what an answer was worth; only with the attribute `feedback`. */
  "gatestream-feedback": CustomEvent<Feedback>;
  /** The reader has pressed "Talk to a person": the conversation so far. */
  "gatestream-handover": CustomEvent<{ readonly messages: readonly ChatMessage[] }>;
}

/** What a reader thinks of an answer. */
export interface Feedback {
  readonly message: ChatMessage;
  readonly rating: "up" | "down";
}

/** A server that renders pages imports this too, and has no elements. */
const ElementBase = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement);

/** Attributes after whose change the conversation is another one. */
const conversationAttributes = ["conversations", "persist", "storage"];
/** Those after whose change the view is built again, on the same conversation. */
const viewAttributes = [
  "disclaimer",
  "download",
  "feedback",
  "greeting",
  "handover",
  "lang",
  "launcher",
  "logo",
  "prompts",
];

/** A whole chat: `<gatestream-chat src="/api/llm" configuration-id="cfg-1">`. */
export class GatestreamChat extends ElementBase {
  static readonly observedAttributes: readonly string[] = [
    ...conversationAttributes,
    ...viewAttributes,
    "brand-color",
    "heading",
    "placeholder",
    "resumable",
    "src",
    "wire",
  ];

  /**
   * Loads the words of a language: each build has them in a place of its own.
   *
   * @internal
   */
  static loadLabels: (language: string) => Promise<Labels>;

  #client: Client | undefined;
  #ownClient: Client | undefined;
  #labels: Labels | undefined;
  readonly #inspector = createInspector();
  #element: HTMLElement | undefined;
  #chat: Chat | undefined;
  #view: ChatView | undefined;
  #launcher: Launcher | undefined;
  /** The id of the conversation that is shown, where there is a list of them. */
  #id = "";
  #stored: StoredConversations | undefined;

  /**
   * Asks for the answers. Set one of your own, with headers say; it is used from the next answer on,
   * in place of `src` and `resumable`.
   */
  get client(): Client {
    this.#ownClient ??= createClient({
      url: this.getAttribute("src") ?? "/api/llm",
      resumable: this.hasAttribute("resumable"),
    });
    return this.#client ?? this.#ownClient;
  }

  set client(client: Client | undefined) {
    this.#client = client;
  }

  /** Every word of the chat, in place of those of `lang`; undefined until it is set. */
  get labels(): Labels | undefined {
    return this.#labels;
  }

  set labels(labels: Labels | undefined) {
    this.#labels = labels;
    this.#show();
  }

  /** The conversation; undefined until the element is in a page for the first time. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** Asks a question as if it had been written. False when that is not possible now. */
  send(text: string): boolean {
    return this.#chat?.send(text) ?? false;
  }

  /** Puts the cursor where messages are written; opens the chat where it is a bubble. */
  override focus(options?: FocusOptions): void {
    this.#launcher?.open();
    this.#view?.focus(options);
  }

  /** @internal */
  connectedCallback(): void {
    // Whoever set them before the script came has set them on the element, and not here.
    for (const name of ["client", "labels"] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const { [name]: value } = this;
      Reflect.deleteProperty(this, name);
      Object.assign(this, { [name]: value });
    }
    this.#element ??= this.#build();
    this.#showBrand();
    if (this.#chat === undefined) this.#open();
    else this.#chat.resume();
  }

  /** @internal */
  disconnectedCallback(): void {
    // To be moved is to be taken out and put in again, and tabs and routers take out what they hide:
    // the conversation stays. Its answer is left, which goes on at the relay when it can be resumed.
    queueMicrotask(() => {
      if (!this.isConnected) this.#chat?.dispose({ onUnmount: "detach" });
    });
  }

  /** @internal */
  attributeChangedCallback(name: string): void {
    if (name === "src" || name === "resumable") this.#ownClient = undefined;
    if (this.#chat === undefined) return;
    if (name === "brand-color") this.#showBrand();
    else if (viewAttributes.includes(name)) this.#show();
    else if (!conversationAttributes.includes(name)) this.#showAttributes();
    else {
      this.#close();
      if (this.isConnected) this.#open();
    }
  }

  #build(): HTMLElement {
    const element = document.createElement("div");
    element.setAttribute("part", "chat");
    const root = this.attachShadow({ mode: "open" });
    root.append(element);
    return element;
  }

  #showBrand(): void {
    const color = this.getAttribute("brand-color");
    const brand = color ?? getComputedStyle(this).getPropertyValue("--gs-brand");
    const sheets = [sharedStyleSheet(), brandStyleSheet(brand)].filter(
      (sheet) => sheet !== undefined,
    );
    if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = sheets;
  }

  #showAttributes(): void {
    this.#inspector.element.hidden = !this.hasAttribute("wire");
    this.#view?.update({
      heading: this.#heading(),
      placeholder: this.getAttribute("placeholder") ?? undefined,
    });
  }

  /** The logo, and the title beside it. */
  #heading(): Node | string | undefined {
    const heading = this.getAttribute("heading") ?? undefined;
    const logo = this.getAttribute("logo");
    if (logo === null && !this.querySelector(':scope > [slot="logo"]')) return heading;
    const nodes = document.createDocumentFragment();
    const slot = document.createElement("slot");
    slot.name = "logo";
    if (logo !== null) {
      const image = document.createElement("img");
      Object.assign(image, { src: logo, alt: "", className: "gs-logo" });
      image.setAttribute("part", "logo");
      slot.append(image);
    }
    const title = document.createElement("h2");
    title.textContent = heading ?? "";
    nodes.append(slot, title);
    return nodes;
  }

  #open(id?: string): void {
    const key = this.getAttribute("persist");
    const keep = this.getAttribute("storage") === "local" ? persistLocally : persistInSession;
    this.#stored = key === null ? undefined : keep(key || "gatestream-chat");
    const hasList = this.hasAttribute("conversations");
    this.#id = id ?? ((hasList && this.#stored?.list()[0]?.id) || "");
    const persist = this.#stored?.conversation(this.#id);
    const listeners = inspectorListeners(this.#inspector, persist);
    this.#chat = createChat(
      () => this.client,
      () => ({
        ...listeners,
        configurationId: this.getAttribute("configuration-id") ?? "",
        persist,
        onDone: (result) => {
          this.#launcher?.count();
          this.#tell("gatestream-done", result);
        },
        onError: (error) => this.#tell("gatestream-error", error),
      }),
    );
    this.#show();
  }

  /** Shows the conversation in the words of the language, at once where they are there. */
  #show(): void {
    const chat = this.#chat;
    if (chat === undefined) return;
    const lang = this.#labels ? "" : this.lang;
    if (lang === "") this.#showIn(chat, this.#labels ?? english);
    else {
      void GatestreamChat.loadLabels(lang).then((labels) => {
        // Meanwhile it may have become another conversation, or another language.
        if (this.#chat === chat && this.lang === lang && !this.#labels) this.#showIn(chat, labels);
      });
    }
  }

  #showIn(chat: Chat, labels: Labels): void {
    const element = this.#element;
    if (element === undefined) return;
    const isOpen = this.#launcher?.isOpen() ?? false;
    this.#launcher?.close();
    this.#view?.close();
    this.#launcher = undefined;
    const words = (name: string): string | undefined => this.getAttribute(name) ?? undefined;
    const empty = document.createElement("slot");
    empty.name = "empty";
    const hasList = this.hasAttribute("conversations");
    this.#view = createChatView(element, {
      chat,
      labels,
      inspector: this.#inspector,
      actions: this.#buildActions(chat, labels),
      greeting: words("greeting"),
      prompts: words("prompts")
        ?.split("|")
        .map((prompt) => prompt.trim())
        .filter(Boolean),
      disclaimer: words("disclaimer"),
      empty,
      ...(hasList && { onNewChat: () => this.#switch(Date.now().toString(36)) }),
      onFeedback: this.hasAttribute("feedback")
        ? (message, rating) => this.#tell("gatestream-feedback", { message, rating })
        : undefined,
    });
    this.#showAttributes();
    if (this.hasAttribute("launcher")) {
      this.#launcher = createLauncher(element, {
        chat,
        labels,
        isOpen,
        name: words("heading"),
        focus: () => this.#view?.focus(),
      });
    }
  }

  #buildActions(chat: Chat, labels: Labels): readonly HTMLElement[] {
    const messages = (): readonly ChatMessage[] => chat.getSnapshot().messages;
    return [
      this.hasAttribute("conversations") &&
        this.#stored &&
        buildConversationList(this.#stored, {
          labels,
          id: this.#id,
          onSelect: (id) => this.#switch(id),
        }),
      this.hasAttribute("download") &&
        buildAction(labels.download, "download", () =>
          saveText(conversationText(messages(), labels), "conversation.md"),
        ),
      this.hasAttribute("handover") &&
        buildAction(labels.talkToPerson, "handover", () =>
          this.#tell("gatestream-handover", { messages: messages() }),
        ),
    ].filter((action) => action instanceof HTMLElement);
  }

  /** Shows another conversation; an answer of this one that can be resumed goes on at the relay. */
  #switch(id: string): void {
    this.#close();
    this.#open(id);
  }

  #close(): void {
    this.#view?.close();
    this.#chat?.dispose();
    this.#view = undefined;
    this.#chat = undefined;
  }

  #tell<Name extends keyof GatestreamChatEvents>(
    name: Name,
    detail: GatestreamChatEvents[Name]["detail"],
  ): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function buildAction(label: string, part: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "gs-button", textContent: label });
  button.setAttribute("part", part);
  button.dataset["kind"] = "quiet";
  button.addEventListener("click", onClick);
  return button;
}
