// Every example of the README and of the code's own documentation, for the compiler to read;
// `documentation.test.ts` sees to it that none is missing here.
import {
  conversationOf,
  createClient,
  isStreamError,
  type Answer,
  type Client,
  type StreamRequest,
  type StreamStatus,
  type TokenStream,
} from "./index.ts";
import {
  createChat,
  persistInSession,
  type Chat,
  type ChatMessage,
  type ChatPersistence,
} from "@gatestream/client/chat";
import { poll } from "@gatestream/client/poll";
import { createTestTransport } from "@gatestream/client/testing";
import { webSocketTransport } from "@gatestream/client/websocket";

declare function render(text: string): void;
declare function renderMessages(messages: readonly ChatMessage[]): void;
declare function badge(status: StreamStatus): void;
declare function finish(...ending: readonly string[]): void;
declare function tell(code: string, text: string): void;
declare function write(text: string): void;
declare function cite(title: string, url: string): void;
declare function signIn(): void;
declare function offerRetry(afterMs: number | undefined): void;
declare function show(text: string, hint: string): void;
declare function freshToken(): Promise<string>;
declare const output: HTMLElement;
declare function showText(text: string): void;
declare function showReasoning(text: string): void;
declare function showCall(name: string, json: string, isComplete: boolean): void;
declare function showSource(sourceId: string, url: string | undefined): void;
declare function showFile(mediaType: string, url: string | undefined, data?: string): void;
declare function findOrder(order: unknown, signal: AbortSignal): Promise<object>;
declare function askAgain(): void;
declare const retryButton: HTMLButtonElement;
declare const stopButton: HTMLButtonElement;
declare const closeButton: HTMLButtonElement;

export function callbacks() {
  const client = createClient({ url: "/api/llm" });
  const request = {
    configurationId: "cfg-1",
    messages: [{ role: "user", content: "Hello" }],
  };

  const stream = client.stream(request, {
    onToken: (_, snapshot) => render(snapshot),
    onStatus: (status) => badge(status),
    onDone: ({ text, reason }) => finish(text, reason),
    onError: (error) => tell(error.code, error.text),
  });
  return stream;
}

export async function loop(request: StreamRequest) {
  const client = createClient({ url: "/api/llm" });
  for await (const event of client.stream(request)) {
    if (event.type === "token") write(event.content);
    if (event.type === "stop") finish(event.reason);
  }
}

export function partsOf(answer: Answer) {
  for (const part of answer.parts) {
    if (part.type === "text") showText(part.text);
    if (part.type === "reasoning") showReasoning(part.text);
    if (part.type === "tool_call") showCall(part.name, part.arguments, part.isComplete);
    if (part.type === "source") showSource(part.sourceId, part.url);
    if (part.type === "file") showFile(part.mediaType, part.url, part.data);
  }
}

export async function ownEvents(request: StreamRequest) {
  const citing = createClient<{ citation: { readonly url: string } }>({ url: "/api/llm" });
  for await (const event of citing.stream(request)) {
    if (event.type === "citation") cite(event.content, event.url);
  }
}

export async function ownEventsInCode(request: StreamRequest) {
  const client = createClient<{ citation: { readonly url: string } }>({ url: "/api/llm" });
  for await (const event of client.stream(request)) {
    if (event.type === "citation") cite(event.content, event.url);
  }
}

export function reload(request: StreamRequest) {
  const client = createClient({ url: "/api/llm", resumable: true });
  const saved = sessionStorage.getItem("answer");
  const stream = saved === null ? client.stream(request) : client.resume(JSON.parse(saved));

  addEventListener("pagehide", () => {
    if (stream.checkpoint === undefined) sessionStorage.removeItem("answer");
    else sessionStorage.setItem("answer", JSON.stringify(stream.checkpoint));
  });
}

export function leave(stream: TokenStream) {
  stopButton.addEventListener("click", () => stream.cancel());
  closeButton.addEventListener("click", () => stream.detach());
}

export function resumingHere(stream: TokenStream) {
  retryButton.addEventListener("click", () => {
    if (!stream.resume()) askAgain();
  });
}

export async function errors(stream: TokenStream) {
  try {
    await stream.result();
  } catch (error) {
    if (!isStreamError(error)) throw error;
    if (error.code === "unauthorized") signIn();
    else if (error.retryable) offerRetry(error.retryAfterMs);
    show(error.text, error.message);
  }
}

export function errorsInCode(stream: TokenStream) {
  stream.result().catch((error: unknown) => {
    if (!isStreamError(error)) throw error;
    if (error.code === "unauthorized") location.assign("/login");
    else show(error.text, error.retryable ? "Try again?" : error.message);
  });
}

export async function asking() {
  const client = createClient({ url: "/api/llm" });
  const stream = client.stream(
    { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] },
    { onToken: (text) => output.append(text) },
  );
  const { text, reason } = await stream.result();
  return text + reason;
}

export function resuming() {
  const client = createClient({ url: "/api/llm" });
  const saved = sessionStorage.getItem("answer");
  if (saved !== null) client.resume(JSON.parse(saved), { onToken: (_, text) => render(text) });
}

export function making() {
  const client = createClient({
    url: "https://relay.example.com/api/llm",
    headers: async () => ({ Authorization: `Bearer ${await freshToken()}` }),
    resumable: true,
  });
  return client;
}

export function savedConversation() {
  const client = createClient({ url: "/api/llm", resumable: true });
  const chat = createChat(client, {
    configurationId: "cfg-1",
    persist: persistInSession("chat"),
  });
  chat.subscribe(() => renderMessages(chat.getSnapshot().messages));
  chat.send("Hello");
}

export function severalPages(client: Client) {
  const shared = createChat(client, { configurationId: "cfg-1", conversationId: "case:4711" });
  return shared;
}

export async function foundByItsConversation(client: Client) {
  const conversation = conversationOf(client, "case:4711");
  const answer = await conversation.follow({ onToken: (_, snapshot) => render(snapshot) });
  return answer;
}

export function attachments(chat: Chat) {
  chat.send("What is this?", {
    attachments: [{ type: "image", url: "https://example.com/receipt.png" }],
    options: { temperature: 0 },
  });
}

export function tools(client: Client) {
  const assistant = createChat(client, {
    configurationId: "cfg-1",
    options: { tools: [{ name: "find_order", parameters: { type: "object" } }] },
    onToolCall: async ({ name, arguments: json }, { signal }) => {
      if (name !== "find_order") return "There is no such tool.";
      return await findOrder(JSON.parse(json), signal);
    },
  });
  return assistant;
}

export function polling() {
  const patient = createClient({ url: "/api/llm", resumable: true, fallback: poll });
  return patient;
}

export function pollingInCode() {
  const client = createClient({ url: "/api/llm", resumable: true, fallback: poll });
  return client;
}

export function socket() {
  const client = createClient({ transport: webSocketTransport({ url: "/api/llm" }) });
  return client;
}

export function resumableSocket() {
  const client = createClient({
    transport: webSocketTransport({ url: "/api/llm", token: () => freshToken() }),
    resumable: true,
  });
  return client;
}

export function keptElsewhere() {
  const persist: ChatPersistence = {
    load: async () => (await fetch("/conversations/7")).json(),
    save: (saved) => fetch("/conversations/7", { method: "PUT", body: JSON.stringify(saved) }),
    clear: () => fetch("/conversations/7", { method: "DELETE" }),
  };
  return persist;
}

export function tested() {
  const transport = createTestTransport(["Hel", "lo"], { resumable: true });
  const testClient = createClient({ transport });
  return testClient;
}

export async function testedAlone(request: StreamRequest) {
  const transport = createTestTransport(["Hel", "lo"]);
  const client = createClient({ transport });
  const { text } = await client.stream(request).result();
  return text;
}
