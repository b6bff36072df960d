import { createClient, type Client, type StreamError, type StreamResult } from "@gatestream/client";
import { createChat, persistInSession, type Chat } from "@gatestream/client/chat";
import {
  createChatView,
  createInspector,
  english,
  inspectorListeners,
  type ChatView,
} from "@gatestream/ui";
import { sharedStyleSheet } from "./style-sheet.ts";

/** The events of a chat; each bubbles, out of shadow trees too. */
export interface GatestreamChatEvents {
  /** An answer has ended, and this is what has come of it. */
  "gatestream-done": CustomEvent<StreamResult>;
  /** An answer has failed, and this is why. */
  "gatestream-error": CustomEvent<StreamError>;
}

/** A server that renders pages imports this too, and has no elements. */
const ElementBase = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement);

/** A whole chat: `<gatestream-chat src="/api/llm" configuration-id="cfg-1">`. */
export class GatestreamChat extends ElementBase {
  static readonly observedAttributes: readonly string[] = [
    "heading",
    "persist",
    "placeholder",
    "resumable",
    "src",
    "wire",
  ];

  #client: Client | undefined;
  #ownClient: Client | undefined;
  readonly #inspector = createInspector();
  #element: HTMLElement | undefined;
  #chat: Chat | undefined;
  #view: ChatView | undefined;

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

  /** The conversation; undefined until the element is in a page for the first time. */
  get chat(): Chat | undefined {
    return this.#chat;
  }

  /** Asks a question as if it had been written. False when that is not possible now. */
  send(text: string): boolean {
    return this.#chat?.send(text) ?? false;
  }

  /** Puts the cursor where messages are written. */
  override focus(options?: FocusOptions): void {
    this.#view?.focus(options);
  }

  /** @internal */
  connectedCallback(): void {
    // Whoever set it before the script came has set it on the element, and not here.
    if (Object.hasOwn(this, "client")) {
      const { client } = this;
      Reflect.deleteProperty(this, "client");
      this.client = client;
    }
    this.#element ??= this.#build();
    if (this.#chat === undefined) this.#open(this.#element);
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
    if (this.#element === undefined || this.#chat === undefined) return;
    if (name !== "persist") return this.#showAttributes();
    this.#close();
    if (this.isConnected) this.#open(this.#element);
  }

  #build(): HTMLElement {
    const element = document.createElement("div");
    element.setAttribute("part", "chat");
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sharedStyleSheet()];
    root.append(element);
    return element;
  }

  #showAttributes(): void {
    this.#inspector.element.hidden = !this.hasAttribute("wire");
    this.#view?.update({
      heading: this.getAttribute("heading") ?? undefined,
      placeholder: this.getAttribute("placeholder") ?? undefined,
    });
  }

  #open(element: HTMLElement): void {
    const key = this.getAttribute("persist");
    const persist = key === null ? undefined : persistInSession(key || "gatestream-chat");
    const listeners = inspectorListeners(this.#inspector, persist);
    const chat = createChat(
      () => this.client,
      () => ({
        ...listeners,
        configurationId: this.getAttribute("configuration-id") ?? "",
        persist,
        onDone: (result) => this.#tell("gatestream-done", result),
        onError: (error) => this.#tell("gatestream-error", error),
      }),
    );
    const empty = document.createElement("slot");
    empty.name = "empty";
    const greeting = document.createElement("p");
    greeting.textContent = english.greeting;
    empty.append(greeting);
    this.#chat = chat;
    this.#view = createChatView(element, { chat, empty, inspector: this.#inspector });
    this.#showAttributes();
  }

  #close(): void {
    this.#view?.close();
    this.#chat?.dispose();
    this.#view = undefined;
    this.#chat = undefined;
  }

  #tell(name: keyof GatestreamChatEvents, detail: StreamResult | StreamError): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
