import { createClient, type Client, type StreamError, type StreamResult } from "@gatestream/client";
import {
  createChat,
  persistInSession,
  persistLocally,
  type Chat,
  type ChatMessage,
  type SavedChat,
  type StoredConversations,
} from "@gatestream/client/chat";
import {
  conversationText,
  createChatView,
  createIconButton,
  english,
  loadLabels,
  saveText,
  type ChatView,
  type Inspector,
  type Labels,
} from "@gatestream/ui";
import { createEarlyEvents, type EarlyEvents } from "./early-events.ts";
import type { Launcher } from "./launcher.ts";
import { loadOnDemand, type OnDemand } from "./on-demand.ts";
import { elementStyles, sharedStyleSheet } from "./style-sheet.ts";

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
  "brand-color",
  "disclaimer",
  "download",
  "feedback",
  "greeting",
  "handover",
  "image-origins",
  "lang",
  "launcher",
  "logo",
  "prompts",
  "wire",
];

/** A whole chat: `<gatestream-chat src="/api/llm" configuration-id="cfg-1">`. */
export class GatestreamChat extends ElementBase {
  static readonly observedAttributes: readonly string[] = [
    ...conversationAttributes,
    ...viewAttributes,
    "heading",
    "placeholder",
    "resumable",
    "src",
  ];

  #client: Client | undefined;
  #ownClient: Client | undefined;
  #labels: Labels | undefined;
  /** Undefined until it is wanted, and loaded. */
  #inspector: Inspector | undefined;
  #earlyEvents: EarlyEvents | undefined;
  /** What was saved when the conversation was opened. */
  #saved: SavedChat | undefined;
  #isResumed = false;
  /** `focus` was called before there was a view. */
  #wantedFocus: FocusOptions | undefined;
  /** What has been loaded so far. */
  #modules: OnDemand = {};
  /** How many times the view was to be shown: the last time counts. */
  #showCount = 0;
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
  override focus(options: FocusOptions = {}): void {
    if (this.#view === undefined) this.#wantedFocus = options;
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
    if (viewAttributes.includes(name)) this.#show();
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

  /** One brand colour; empty where there is none. */
  #brand(): string {
    const brand = this.getAttribute("brand-color");
    return (brand ?? getComputedStyle(this).getPropertyValue("--gs-brand")).trim();
  }

  #showAttributes(): void {
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
    this.#saved = this.hasAttribute("wire") ? persist?.load() : undefined;
    this.#earlyEvents = createEarlyEvents(() => this.hasAttribute("wire"));
    const { listeners } = this.#earlyEvents;
    this.#chat = createChat(
      () => this.client,
      () => ({
        ...listeners,
        configurationId: this.getAttribute("configuration-id") ?? "",
        persist,
        // Once it is shown, so that a reader sees what the connection is doing.
        autoResume: false,
        onDone: (result) => {
          this.#launcher?.count();
          this.#tell("gatestream-done", result);
        },
        onError: (error) => this.#tell("gatestream-error", error),
      }),
    );
    this.#chat.restore();
    this.#isResumed = false;
    this.#show();
  }

  /** Shows the conversation: at once, unless words or modules have to be loaded first. */
  #show(): void {
    const chat = this.#chat;
    if (chat === undefined) return;
    const count = (this.#showCount += 1);
    const lang = this.#labels ? "" : this.lang;
    const brand = this.#brand();
    const names = (["conversations", "launcher", "wire"] as const).filter((name) =>
      this.hasAttribute(name),
    );
    const wanted = [
      ...names,
      ...(brand ? (["brand"] as const) : []),
      // A saved conversation is shown as it was, at once.
      ...(chat.getSnapshot().messages.length > 0 ? (["markdown"] as const) : []),
    ].filter((name) => this.#modules[name] === undefined);
    const labels = this.#labels ?? english;
    if (lang === "" && wanted.length === 0) return this.#showIn(chat, labels);
    void Promise.all([lang ? loadLabels(lang) : labels, loadOnDemand(wanted)]).then(
      ([words, modules]) => {
        this.#modules = { ...this.#modules, ...modules };
        // Meanwhile it may have become another conversation, or another language.
        if (this.#showCount === count) this.#showIn(chat, words);
      },
    );
  }

  #showIn(chat: Chat, labels: Labels): void {
    const element = this.#element;
    if (element === undefined) return;
    const isOpen = this.#launcher?.isOpen() ?? false;
    this.#launcher?.close();
    this.#view?.close();
    this.#launcher = undefined;
    this.#showStyles();
    const words = (name: string): string | undefined => this.getAttribute(name) ?? undefined;
    const empty = document.createElement("slot");
    empty.name = "empty";
    const hasList = this.hasAttribute("conversations");
    this.#view = createChatView(element, {
      chat,
      labels,
      inspector: this.#showInspector(),
      actions: this.#buildActions(chat, labels),
      greeting: words("greeting"),
      prompts: words("prompts")
        ?.split("|")
        .map((prompt) => prompt.trim())
        .filter(Boolean),
      disclaimer: words("disclaimer"),
      imageOrigins: words("image-origins")?.split(/\s+/),
      empty,
      ...(hasList && { onNewChat: () => this.#switch(Date.now().toString(36)) }),
      onFeedback: this.hasAttribute("feedback")
        ? (message, rating) => this.#tell("gatestream-feedback", { message, rating })
        : undefined,
    });
    this.#showAttributes();
    if (this.hasAttribute("launcher")) {
      this.#launcher = this.#modules.launcher?.createLauncher(element, {
        chat,
        labels,
        isOpen,
        name: words("heading"),
        focus: () => this.#view?.focus(),
      });
    }
    if (!this.#isResumed) chat.resume();
    this.#isResumed = true;
    if (this.#wantedFocus) this.focus(this.#wantedFocus);
    this.#wantedFocus = undefined;
  }

  #showStyles(): void {
    const { wire, launcher, brand } = this.#modules;
    const shared = [elementStyles, wire?.css, launcher?.css].filter((css) => css !== undefined);
    const colors = brand?.brandStyleSheet(this.#brand());
    if (this.shadowRoot === null) return;
    this.shadowRoot.adoptedStyleSheets = [
      ...shared.map(sharedStyleSheet),
      ...(colors ? [colors] : []),
    ];
  }

  /** The inspector, which is told of all answers from now on. */
  #showInspector(): Inspector | undefined {
    const { wire } = this.#modules;
    if (wire === undefined || !this.hasAttribute("wire")) return undefined;
    const inspector = (this.#inspector ??= wire.createInspector());
    this.#earlyEvents?.attach(() =>
      wire.inspectorListeners(inspector, { load: () => this.#saved }),
    );
    return inspector;
  }

  #buildActions(chat: Chat, labels: Labels): readonly HTMLElement[] {
    const messages = (): readonly ChatMessage[] => chat.getSnapshot().messages;
    return [
      this.hasAttribute("conversations") &&
        this.#stored &&
        this.#modules.conversations?.buildConversationList(this.#stored, {
          labels,
          id: this.#id,
          onSelect: (id) => this.#switch(id),
        }),
      this.hasAttribute("download") &&
        buildAction("download", labels.download, () =>
          saveText(conversationText(messages(), labels), "conversation.md"),
        ),
      this.hasAttribute("handover") &&
        buildAction("handover", labels.talkToPerson, () =>
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

function buildAction(
  part: "download" | "handover",
  label: string,
  onClick: () => void,
): HTMLButtonElement {
  const { element } = createIconButton(part, label, onClick);
  element.setAttribute("part", part);
  return element;
}
