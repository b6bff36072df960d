import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";

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
  /** The same by node:http, which shows pieces and connection errors as they are. */
  rawChat(content: string): Promise<IncomingMessage>;
}

export interface ChatOptions {
  readonly token?: string;
  /** Instead of the well-formed body. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export const chatPath = "/api/v2/ai/llm/gateway/chat";

export function chatBody(...contents: string[]): object {
  const messages = contents.map((content, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content,
  }));
  return { configurationId: "cfg-1", input: { messages }, stream: true };
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

export async function startGateway(options: EmulatorOptions = {}): Promise<Gateway> {
  const emulator = createEmulator({ tokensPerSecond: 0, ...options });
  const { url } = await emulator.listen();
  const { clientId = "demo-client", clientSecret = "demo-secret" } = options;

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
    async chat(content, { token, body = chatBody(content), signal } = {}) {
      return fetch(`${url}${chatPath}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token ?? (await gateway.newToken())}`,
          "content-type": "application/json",
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    async rawChat(content) {
      const authorization = `Bearer ${await gateway.newToken()}`;
      const request = httpRequest(`${url}${chatPath}`, {
        method: "POST",
        agent: false,
        headers: { authorization },
      });
      request.end(JSON.stringify(chatBody(content)));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      return response;
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  return gateway;
}
