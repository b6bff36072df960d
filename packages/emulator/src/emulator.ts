import type { IncomingMessage, ServerResponse } from "node:http";

import { type EmulatorCall, createCallLog } from "./calls/call-log.ts";
import { createChatRoute } from "./chat/chat-route.ts";
import { anthropic } from "./dialects/anthropic/anthropic.ts";
import { genesys } from "./dialects/genesys/genesys.ts";
import { openai } from "./dialects/openai/openai.ts";
import { openaiResponses } from "./dialects/openai-responses/openai-responses.ts";
import { type EmulatorOptions, emulatorSettings } from "./emulator-options.ts";
import { type ListenOptions, createListener } from "./http/listener.ts";
import { type Route, createRouter } from "./http/router.ts";
import { createTokenRoute } from "./oauth/token-route.ts";
import { createTokenStore } from "./oauth/token-store.ts";
import { type ScenarioName, isScenarioName, scenarioTable } from "./scenarios/scenario-table.ts";

/** The emulated gateway: its endpoints, and a record of who called them. */
export interface Emulator {
  /** Answers one request of any node:http server, for mounting the emulator elsewhere. */
  handler(this: void, request: IncomingMessage, response: ServerResponse): void;
  /** Starts a server of its own; rejects when the port cannot be bound. */
  listen(options?: ListenOptions): Promise<{ url: string; port: number }>;
  /** Ends all connections; no timer is left, and calls still waited for reject. */
  close(): Promise<void>;
  /** Every request to the token and chat endpoints, in order of arrival. */
  readonly calls: readonly EmulatorCall[];
  /**
   * The first call that matches: at once when there is one, else when a call changes so that it
   * matches. A call changes when it arrives, is read, gets a status, sends text and ends.
   */
  waitFor(
    predicate: (call: EmulatorCall) => boolean,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<EmulatorCall>;
  /** Refuses every token issued so far with 401. */
  revokeTokens(): void;
  /** Changes what is played by default; undefined goes back to the option's value. */
  setScenario(name: ScenarioName | undefined): void;
  /** Forgets all calls, and begins the counters of all scenarios and of the rate limit again. */
  reset(): void;
}

/**
 * Emulates over real HTTP the OAuth and chat endpoints of the Genesys Cloud LLM Gateway, and endpoints
 * as OpenAI (chat completions, Responses) and Anthropic (Messages) have them, with the same answers and
 * scenarios.
 * @throws TypeError naming every option that cannot be used, and what it must be.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const settings = emulatorSettings(options);
  const { clientId, clientSecret, apiKey, tokenLifetimeSeconds: lifetimeSeconds, clock } = settings;
  let scenario = settings.scenario;

  const log = createCallLog(clock.now);
  const tokens = createTokenStore(lifetimeSeconds, clock.now);
  const isApiKey = (key: string): boolean => key === apiKey;
  const chat = createChatRoute({
    settings,
    accepts: {
      genesys: tokens.accepts,
      openai: isApiKey,
      "openai-responses": isApiKey,
      anthropic: isApiKey,
    },
    defaultScenario: () => scenario,
  });
  const isDown = (): boolean => scenarioTable[scenario].tokenEndpoint === "down";
  const routes: Readonly<Record<string, Route>> = {
    "/oauth/token": {
      kind: "token",
      dialect: genesys,
      answer: createTokenRoute({ clientId, clientSecret, lifetimeSeconds, tokens, isDown }),
    },
    "/api/v2/ai/llm/gateway/chat": { kind: "chat", dialect: genesys, answer: chat.answer },
    "/v1/chat/completions": { kind: "chat", dialect: openai, answer: chat.answer },
    "/v1/responses": { kind: "chat", dialect: openaiResponses, answer: chat.answer },
    "/v1/messages": { kind: "chat", dialect: anthropic, answer: chat.answer },
  };

  /** An answer in the background. */
  function backgroundRoute(path: string): Route | undefined {
    const [, id, isCancel] = /^\/v1\/responses\/([\w-]+)(\/cancel)?$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    const dialect = openaiResponses;
    return isCancel === undefined
      ? { kind: "again", dialect, method: "GET", answer: (exchange) => chat.follow(id, exchange) }
      : { kind: "cancel", dialect, answer: (exchange) => chat.cancel(id, exchange) };
  }

  const router = createRouter(log, (path) =>
    Object.hasOwn(routes, path) ? routes[path] : backgroundRoute(path),
  );
  const listener = createListener(router.handler);

  return {
    handler: router.handler,
    listen: listener.listen,
    async close() {
      chat.forget();
      await listener.close();
      await router.close();
      log.close();
    },
    calls: log.calls,
    waitFor: log.waitFor,
    revokeTokens: tokens.revokeAll,
    setScenario(name) {
      if (name !== undefined && !isScenarioName(name)) {
        throw new TypeError(`scenario (${String(name)}) must be one of the scenarioNames`);
      }
      scenario = name ?? settings.scenario;
    },
    reset() {
      log.forget();
      chat.forget();
    },
  };
}
