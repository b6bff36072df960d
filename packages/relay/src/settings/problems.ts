import { jwtProblems } from "@gatestream/relay-auth/settings";
import { openaiProblems } from "@gatestream/relay-providers/settings";
import { isLoopback, isTrustedProxyList } from "../access/client-address.ts";
import { genesysHosts, type GenesysOptions } from "../gateway/genesys/provider.ts";
import type { RelayOptions } from "./options.ts";
import { label, settingTable, shown, type RelaySettings } from "./setting-table.ts";

/** Whether the optional package `name` can be imported. */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch (failure) {
    // A bundle cannot resolve anything, and may contain the package.
    return !(
      failure instanceof Error &&
      "code" in failure &&
      failure.code === "ERR_MODULE_NOT_FOUND"
    );
  }
}

function* packageProblems(setting: string, name: string): Iterable<string> {
  if (!isInstalled(name)) yield `${setting} needs the package "${name}": npm install ${name}`;
}

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
  if (openai !== undefined) {
    yield* packageProblems("openai", "@gatestream/relay-providers");
    yield* openaiProblems(openai, shown);
  }
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

function* originProblems(name: string, url: string | undefined): Iterable<string> {
  if (url === undefined) return;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    yield `${name}, ${shown(url)}) must be an http or https URL.`;
  } else if (new URL(url).href !== `${new URL(url).origin}/`) {
    yield `${name}, ${shown(url)}) must be an origin without a path; GENESYS_GATEWAY_PATH is the gateway's.`;
  }
}

/** An address is none: a region's hosts are names below its own. */
function isEnvironment(text: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)*$/.test(text.trim()) && URL.canParse(genesysHosts(text).loginUrl);
}

/** Settings of authentication that contradict each other, or would let in more than it says. */
export function* accessProblems(
  settings: RelaySettings,
  { authenticate }: Partial<RelayOptions>,
): Iterable<string> {
  const { auth, host, allowedOrigins, trustedProxies, jwtCookie } = settings;
  if (authenticate !== undefined && typeof authenticate !== "function") {
    yield `authenticate (${shown(authenticate)}) must be a function.`;
  }
  if (authenticate !== undefined && auth !== "") {
    yield `authenticate and ${label("auth")} both say who may call: leave one out.`;
  }
  if (!isLoopback(host) && auth === "" && authenticate === undefined) {
    yield `${label("host")} (${host}) is not loopback, and nobody is asked who they are: listen on 127.0.0.1, set ${label("auth")} to "jwt", or to "none" to let everybody in.`;
  }
  const isJwtMeant =
    settings.jwtJwksUrl !== "" || settings.jwtSecret !== "" || settings.jwtPublicKey !== "";
  if (auth === "jwt") {
    for (const problem of jwtProblems(settings)) yield withVariables(problem);
    yield* packageProblems("auth=jwt", "@gatestream/relay-auth");
  } else if (isJwtMeant) {
    yield `A key for tokens is set, but no token is asked for: set ${label("auth")} to "jwt".`;
  }
  for (const origin of allowedOrigins) yield* callerOriginProblems(origin);
  if (allowedOrigins.includes("*") && allowedOrigins.length > 1) {
    yield `${label("allowedOrigins")} must be "*" alone or a list of origins.`;
  }
  if (allowedOrigins.includes("*") && jwtCookie !== "") {
    yield `${label("allowedOrigins")} must name its origins: "*" goes without credentials, and ${label("jwtCookie")} is one.`;
  }
  if (!isTrustedProxyList(trustedProxies)) {
    yield `${label("trustedProxies")} (${trustedProxies.join(",")}) must be addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal.`;
  }
}

function* callerOriginProblems(origin: string): Iterable<string> {
  const isExact = origin === "*" || (URL.canParse(origin) && originOf(origin) === origin);
  if (isExact) return;
  yield `${label("allowedOrigins")} (${shown(origin)}) must be an origin as browsers send it, without a path or a usual port, such as https://app.example.com.`;
}

/** Other schemes (`capacitor://localhost`) have no origin for `URL`, but one for browsers. */
function originOf(text: string): string {
  const { origin, protocol, host } = new URL(text);
  return origin === "null" ? `${protocol}//${host}` : origin;
}

/** Names the variables of the settings that `problem` speaks of. */
function withVariables(problem: string): string {
  return problem.replaceAll(/\bjwt[A-Z]\w*/g, (name) => {
    return name in settingTable ? label(name) : name;
  });
}

/** Settings of kept streams that contradict each other. */
export function* logProblems(
  { resume, redisUrl }: RelaySettings,
  { log }: Partial<RelayOptions>,
): Iterable<string> {
  if (resume === "redis" && redisUrl === "") {
    yield `${label("resume")} is "redis": set ${label("redisUrl")}.`;
  }
  if (redisUrl !== "") {
    const setting = resume === "redis" ? "resume=redis" : label("redisUrl");
    yield* packageProblems(setting, "@gatestream/relay-redis");
  }
  if (resume !== "off" && log !== undefined) {
    yield `log and ${label("resume")} both say where streams are kept: leave one out.`;
  }
}

/** Connections that would send credentials unencrypted over a network. */
export function* plaintextProblems(
  { redisUrl, allowPlaintextCredentials }: RelaySettings,
  { genesys, openai }: Partial<RelayOptions>,
): Iterable<string> {
  if (allowPlaintextCredentials) return;
  const connections = [
    // The client's secret goes to the one, its token to the other.
    ["genesys.loginUrl (GENESYS_LOGIN_URL)", genesys?.loginUrl],
    ["genesys.apiUrl (GENESYS_API_URL)", genesys?.apiUrl],
    ["openai.baseUrl (OPENAI_BASE_URL)", openai?.apiKey ? openai.baseUrl : undefined],
    [label("redisUrl"), hasPassword(redisUrl) ? redisUrl : undefined],
  ] as const;
  for (const [name, url] of connections) {
    if (url === undefined || !URL.canParse(url)) continue;
    const { protocol, hostname } = new URL(url);
    if (!/^(?:http|redis):$/.test(protocol) || isLoopback(hostname)) continue;
    yield `${name} would send credentials unencrypted to ${hostname}: use TLS, or set ${label("allowPlaintextCredentials")} to true.`;
  }
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== "";
}
