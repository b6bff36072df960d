import { RelayError } from "../../errors.ts";
import { createDispatcher, createHttpProvider, type UpstreamSettings } from "../http-provider.ts";
import { fetchAccessToken } from "./oauth.ts";
import { createTokenCache } from "./oauth.ts";
import type { Provider } from "../provider.ts";
import { checkGenesys } from "./check.ts";
import { genesysHosts } from "./hosts.ts";
import { createGenesysTranslator } from "./translator.ts";

/** Where the gateway is and who asks. */
export interface GenesysOptions {
  /** The OAuth client of grant type "Client Credentials". Never sent to a browser. */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * A region host (`mypurecloud.de`), API host (`api.mypurecloud.de`) or AWS region name
   * (`eu-central-1`). Needed unless both URLs are given.
   */
  readonly environment?: string;
  /** Origin of the token endpoint. @defaultValue `https://login.{environment}` */
  readonly loginUrl?: string;
  /** Origin of the gateway. @defaultValue `https://api.{environment}` */
  readonly apiUrl?: string;
  /** @defaultValue `/api/v2/ai/llm/gateway/chat` */
  readonly gatewayPath?: string;
  /** Asked for with the token. @defaultValue none */
  readonly scope?: string;
}

export const defaultGatewayPath = "/api/v2/ai/llm/gateway/chat";

/** The Genesys Cloud LLM Gateway as integrators describe it: PROTOCOL.md, "Gateway side". */
export function createGenesysProvider(
  options: GenesysOptions,
  settings: UpstreamSettings,
): Provider {
  const { clientId, clientSecret, scope, gatewayPath = defaultGatewayPath } = options;
  const hosts = genesysHosts(options.environment ?? "");
  const dispatcher = createDispatcher(settings);
  const closing = new AbortController();
  const chatUrl = new URL(gatewayPath, options.apiUrl ?? hosts.apiUrl);
  const client = {
    url: new URL("/oauth/token", options.loginUrl ?? hosts.loginUrl),
    clientId,
    clientSecret,
    scope,
  };
  const tokenEndpoint = { ...client, dispatcher, timeoutMs: settings.handshakeDeadlineMs };
  const tokens = createTokenCache({
    fetchToken: () => fetchAccessToken(tokenEndpoint, closing.signal),
  });
  const provider = createHttpProvider(
    {
      name: "genesys",
      url: chatUrl,
      credentials: {
        get: async (signal) => `Bearer ${await tokens.get(signal)}`,
        reject(authorization) {
          tokens.reject(authorization.replace("Bearer ", ""));
          return true;
        },
      },
      bodyOf: ({ configurationId, messages }) => ({
        configurationId,
        input: { messages },
        stream: true,
      }),
      createTranslator: createGenesysTranslator,
    },
    { dispatcher, settings },
  );
  return {
    ...provider,
    check: (signal) => checkGenesys({ client, chatUrl, options, settings }, signal),
    async close() {
      closing.abort(new RelayError("relay_draining", "This relay is shutting down."));
      await provider.close();
    },
  };
}
