import { genesysHosts, type GenesysOptions } from "../gateway/genesys/provider.ts";
import { isInstalled } from "./installed.ts";
import type { OpenaiOptions, RelayOptions } from "./options.ts";
import { shown } from "./shown.ts";

/** What is wrong with the upstream of a relay's options. */
export function* upstreamProblems({
  genesys,
  openai,
  provider,
}: Partial<RelayOptions>): Iterable<string> {
  const given = [genesys, openai, provider].filter((upstream) => upstream !== undefined);
  if (given.length !== 1) {
    const problem = given.length === 0 ? "There is no upstream" : "There is more than one upstream";
    yield `${problem}: give one of genesys, openai and provider.`;
  }
  if (genesys !== undefined) yield* genesysProblems(genesys);
  if (openai !== undefined) yield* openaiProblems(openai);
  if (provider !== undefined && typeof provider.open !== "function") {
    yield `provider (${shown(provider)}) must be a Provider; GATESTREAM_PROVIDER takes genesys or openai.`;
  }
}

function* genesysProblems(options: GenesysOptions): Iterable<string> {
  const { clientId, clientSecret, environment, loginUrl, apiUrl, gatewayPath } = options;
  if (!clientId) yield "genesys.clientId (GENESYS_CLIENT_ID) is missing.";
  if (!clientSecret) yield "genesys.clientSecret (GENESYS_CLIENT_SECRET) is missing.";
  if (environment === undefined && (loginUrl === undefined || apiUrl === undefined)) {
    yield "genesys.environment (GENESYS_ENVIRONMENT) is missing: your region, such as mypurecloud.de or eu-central-1.";
  }
  if (environment !== undefined && !isEnvironment(environment)) {
    yield `genesys.environment (GENESYS_ENVIRONMENT, ${shown(environment)}) must be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1.`;
  }
  yield* originProblems("genesys.loginUrl (GENESYS_LOGIN_URL", loginUrl);
  yield* originProblems("genesys.apiUrl (GENESYS_API_URL", apiUrl);
  if (gatewayPath !== undefined && !gatewayPath.startsWith("/")) {
    yield `genesys.gatewayPath (GENESYS_GATEWAY_PATH, ${shown(gatewayPath)}) must begin with "/".`;
  }
}

function* openaiProblems(options: OpenaiOptions): Iterable<string> {
  const { baseUrl, apiKey = "", models = {}, includeUsage = true } = options;
  if (!isInstalled("@gatestream/relay-providers")) {
    yield 'openai needs the package "@gatestream/relay-providers": npm install @gatestream/relay-providers';
  }
  if (typeof includeUsage !== "boolean") {
    yield `openai.includeUsage (OPENAI_INCLUDE_USAGE, ${shown(includeUsage)}) must be true or false.`;
  }
  if (!baseUrl) {
    yield "openai.baseUrl (OPENAI_BASE_URL) is missing: up to the version, such as http://127.0.0.1:11434/v1.";
  } else {
    yield* urlProblems("openai.baseUrl (OPENAI_BASE_URL", baseUrl);
  }
  // A line break from a file would only be found by the first request. The key itself is not shown.
  if (!/^[!-~]*$/.test(apiKey)) {
    yield "openai.apiKey (OPENAI_API_KEY) must be of visible ASCII characters, without spaces.";
  }
  for (const [configurationId, model] of Object.entries(models)) {
    if (configurationId && model) continue;
    yield `openai.models (OPENAI_MODELS, ${shown(configurationId)}) must be pairs of a configurationId and a model, such as cfg-1=llama3.`;
  }
}

function* urlProblems(name: string, url: string | undefined): Iterable<string> {
  if (url === undefined || isHttpUrl(url)) return;
  yield `${name}, ${shown(url)}) must be an http or https URL.`;
}

function* originProblems(name: string, url: string | undefined): Iterable<string> {
  yield* urlProblems(name, url);
  if (url !== undefined && isHttpUrl(url) && new URL(url).href !== `${new URL(url).origin}/`) {
    yield `${name}, ${shown(url)}) must be an origin without a path; GENESYS_GATEWAY_PATH is the gateway's.`;
  }
}

/** An address is none: a region's hosts are names below its own. */
function isEnvironment(text: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)*$/.test(text.trim()) && URL.canParse(genesysHosts(text).loginUrl);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
