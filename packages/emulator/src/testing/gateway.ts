import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";

import type { DialectName } from "../dialects/dialect.ts";
import { type Emulator, createEmulator } from "../emulator.ts";
import type { EmulatorOptions } from "../emulator-options.ts";

/** A running emulator and a plain client for it; `await using` closes it. */
export interface Gateway extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly url: string;
  requestToken(change?: {
    authorization?: string;
    form?: Record<string, string>;
  }): Promise<Response>;
  /** A token that is accepted. */
  newToken(): Promise<string>;
  /** Sends one user message, with a new token unless one is given. */
  chat(content: string, options?: ChatOptions): Promise<Response>;
  /** The same at the chat completions endpoint, with the API key unless a token is given. */
  complete(content: string, options?: ChatOptions): Promise<Response>;
  /** The same at the endpoint of a dialect, with its key. */
  ask(dialect: DialectName, content: string, options?: ChatOptions): Promise<Response>;
  /** The same by node:http, which shows pieces and connection errors as they are. */
  rawChat(content: string, dialect?: DialectName): Promise<IncomingMessage>;
}

export interface ChatOptions {
  readonly token?: string;
  /** Instead of the well-formed body. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export const chatPath = "/api/v2/ai/llm/gateway/chat";

export function chatBody(...contents: string[]): object {
  return { configurationId: "cfg-1", input: { messages: messagesOf(contents) }, stream: true };
}

export const completionsPath = "/v1/chat/completions";

export function completionsBody(...contents: string[]): object {
  return { model: "emulated-1", messages: messagesOf(contents), stream: true };
}

/** The endpoint of each dialect and a body for it. */
const endpoints: Readonly<
  Record<DialectName, readonly [path: string, body: (...contents: string[]) => object]>
> = {
  genesys: [chatPath, chatBody],
  openai: [completionsPath, completionsBody],
  "openai-responses": [
    "/v1/responses",
    (...contents) => ({ model: "emulated-1", input: messagesOf(contents), stream: true }),
  ],
  anthropic: [
    "/v1/messages",
    (...contents) => ({
      model: "emulated-1",
      max_tokens: 1000,
      messages: messagesOf(contents),
      stream: true,
    }),
  ],
};

function messagesOf(contents: readonly string[]): object[] {
  return contents.map((content, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content,
  }));
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

export async function startGateway(emulatorOptions: EmulatorOptions = {}): Promise<Gateway> {
  const emulator = createEmulator({ tokensPerSecond: 0, ...emulatorOptions });
  const { url } = await emulator.listen();
  const {
    clientId = "demo-client",
    clientSecret = "demo-secret",
    apiKey = "demo-key",
  } = emulatorOptions;

  const post = (path: string, token: string, { body, signal }: ChatOptions): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });

  const gateway: Gateway = {
    emulator,
    url,
    requestToken: ({ authorization = basic(clientId, clientSecret), form } = {}) =>
      fetch(`${url}/oauth/token`, {
        method: "POST",
        headers: { authorization },
        body: new URLSearchParams(form ?? { grant_type: "client_credentials" }),
      }),
    async newToken() {
      const { access_token: token } = (await (await gateway.requestToken()).json()) as {
        access_token: string;
      };
      return token;
    },
    async chat(content, options = {}) {
      const token = options.token ?? (await gateway.newToken());
      return post(chatPath, token, { body: chatBody(content), ...options });
    },
    complete: (content, options = {}) =>
      post(completionsPath, options.token ?? apiKey, {
        body: completionsBody(content),
        ...options,
      }),
    async ask(dialect, content, options = {}) {
      const [path, bodyOf] = endpoints[dialect];
      const token = options.token ?? (dialect === "genesys" ? await gateway.newToken() : apiKey);
      const { body = bodyOf(content) } = options;
      return fetch(`${url}${path}`, {
        method: "POST",
        headers:
          dialect === "anthropic"
            ? { "x-api-key": token, "anthropic-version": "2023-06-01" }
            : { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    },
    async rawChat(content, dialect = "genesys") {
      const [path, token, body] =
        dialect === "genesys"
          ? [chatPath, await gateway.newToken(), chatBody(content)]
          : [completionsPath, apiKey, completionsBody(content)];
      const request = httpRequest(`${url}${path}`, {
        method: "POST",
        agent: false,
        headers: { authorization: `Bearer ${token}` },
      });
      request.end(JSON.stringify(body));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return response;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  return gateway;
}
