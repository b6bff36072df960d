import type { Message } from "@gatestream/protocol";
import { drainingError, RelayError } from "../../errors.ts";
import { createDispatcher, createHttpProvider, type UpstreamSettings } from "../http-provider.ts";
import type { Provider } from "../provider.ts";
import { createTokenCache, fetchAccessToken } from "./oauth.ts";
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
  /** Whether the `metadata` of requests is sent on. @defaultValue false */
  readonly sendMetadata?: boolean;
}

/** Region hosts by AWS region, as Genesys publishes them under "API and region hosts". */
const regionHosts: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "us-east-1": "mypurecloud.com",
    "eu-west-1": "mypurecloud.ie",
    "ap-southeast-2": "mypurecloud.com.au",
    "ap-northeast-1": "mypurecloud.jp",
    "eu-central-1": "mypurecloud.de",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "ap-northeast-2": "apne2.pure.cloud",
    "eu-west-2": "euw2.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "us-east-2": "use2.us-gov-pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "me-central-1": "mec1.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
    "eu-central-2": "euc2.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
  }),
);

/**
 * The login and API hosts of `environment`: a region host (`mypurecloud.de`), its API or login
 * host (`api.mypurecloud.de`) or an AWS region name (`eu-central-1`). Unknown hosts are taken as
 * they are: regions are added faster than this table.
 */
export function genesysHosts(environment: string): { loginUrl: string; apiUrl: string } {
  const name = environment.trim().toLowerCase();
  const host = regionHosts.get(name) ?? name.replace(/^(?:api|login)\./, "");
  return { loginUrl: `https://login.${host}`, apiUrl: `https://api.${host}` };
}

/** What a relay with these options asks. */
export function genesysUrls(options: GenesysOptions): { readonly token: URL; readonly chat: URL } {
  const { environment = "", gatewayPath = "/api/v2/ai/llm/gateway/chat" } = options;
  const { loginUrl, apiUrl } = { ...genesysHosts(environment), ...options };
  return { token: new URL("/oauth/token", loginUrl), chat: new URL(gatewayPath, apiUrl) };
}

/** What integrators describe of a message: who speaks, and a text. */
function textMessage({ role, content }: Message) {
  if (typeof content === "string") return { role, content };
  return { role, content: content.map((part) => ("text" in part ? part.text : "")).join("") };
}

function refuseImages(messages: readonly Message[]): void {
  for (const [at, { content }] of messages.entries()) {
    if (typeof content === "string") continue;
    const image = content.findIndex(({ type }) => type === "image");
    if (image === -1) continue;
    const message = `messages.${at}.content.${image} must be text: the gateway takes no images.`;
    throw new RelayError("invalid_request", message);
  }
}

/** The Genesys Cloud LLM Gateway as integrators describe it: PROTOCOL.md, "Gateway side". */
export function createGenesysProvider(
  options: GenesysOptions,
  settings: UpstreamSettings,
): Provider {
  const urls = genesysUrls(options);
  const dispatcher = createDispatcher();
  const closing = new AbortController();
  const tokenEndpoint = {
    ...options,
    url: urls.token,
    dispatcher,
    timeoutMs: settings.handshakeDeadlineMs,
  };
  const tokens = createTokenCache({
    // Kept as the header that it is sent in.
    async fetchToken() {
      const { value, expiresInMs } = await fetchAccessToken(tokenEndpoint, closing.signal);
      return { value: `Bearer ${value}`, expiresInMs };
    },
  });
  const provider = createHttpProvider(
    {
      name: "genesys",
      url: urls.chat,
      authorization: (context) => tokens.get(context),
      check: ({ messages }) => refuseImages(messages),
      bodyOf: ({ configurationId, messages, metadata }) => ({
        configurationId,
        input: { messages: messages.map(textMessage) },
        stream: true,
        ...(options.sendMetadata && { metadata }),
      }),
      learnsFrom({ authorization, status }) {
        if (status !== 401) return false;
        tokens.reject(authorization);
        return true;
      },
      createTranslator: createGenesysTranslator,
    },
    settings,
    dispatcher,
  );
  return {
    ...provider,
    async close() {
      closing.abort(drainingError());
      await provider.close();
    },
  };
}
