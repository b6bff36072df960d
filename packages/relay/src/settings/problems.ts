import { jwtProblems } from "@gatestream/relay-auth/settings";
import type { AnthropicOptions, OpenaiOptions } from "@gatestream/relay-providers/settings";
import { isLoopback } from "../access/client-address.ts";
import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { RelayOptions } from "./options.ts";
import { label, readSettings, shown } from "./setting.ts";
import {
  settingTable,
  upstreamTables,
  type RelaySettings,
  type UpstreamName,
} from "./setting-table.ts";

/** Whether the optional package `name` can be imported. */
export function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch (failure) {
    // A bundle cannot resolve anything, and may contain the package.
    return Object(failure).code !== "ERR_MODULE_NOT_FOUND";
  }
}

function* packageProblems(setting: string, name: string): Iterable<string> {
  if (!isInstalled(name)) yield `${setting} needs the package "${name}": npm install ${name}`;
}

const providersPackage = "@gatestream/relay-providers";
const upstreamNames = Object.keys(upstreamTables) as readonly UpstreamName[];

/** What is wrong with the upstream of a relay's options. */
export function* upstreamProblems(options: Partial<RelayOptions>): Iterable<string> {
  const { genesys, provider, ...others } = options;
  const given = [...upstreamNames, "provider" as const].filter(
    (name) => options[name] !== undefined,
  );
  if (given.length !== 1) {
    const problem = given.length === 0 ? "There is no upstream" : "There is more than one upstream";
    yield `${problem}: give one of ${upstreamNames.join(", ")} and provider.`;
  }
  if (genesys !== undefined) yield* genesysProblems(genesys);
  for (const name of ["openai", "openaiResponses", "anthropic"] as const) {
    const upstream = others[name];
    if (upstream === undefined) continue;
    yield* packageProblems(name, providersPackage);
    yield* serverProblems(name, upstream);
  }
  if (provider !== undefined && typeof provider.open !== "function") {
    yield `provider (${shown(provider)}) must be a Provider; GATESTREAM_PROVIDER takes genesys, openai, openai-responses or anthropic.`;
  }
}

/** What is wrong with the adapters of a relay's settings. */
export function* adapterProblems({ adapters }: RelaySettings): Iterable<string> {
  if (adapters.length > 0) yield* packageProblems("adapters", "@gatestream/relay-adapters");
}

function genesysProblems(genesys: GenesysOptions): readonly string[] {
  const { clientId = "", clientSecret = "", loginUrl, apiUrl } = genesys;
  const { environment = loginUrl && apiUrl ? undefined : "" } = genesys;
  const given = { ...genesys, clientId, clientSecret, environment };
  return readSettings(upstreamTables.genesys, given, "genesys.").problems;
}

function serverProblems(
  name: Exclude<UpstreamName, "genesys">,
  upstream: OpenaiOptions | AnthropicOptions,
): readonly string[] {
  const models = Object.entries(upstream.models ?? {}).map((pair) => pair.join("="));
  // Another server than Anthropic's may want no key; of the others one has to be named.
  const required = name !== "anthropic" ? { baseUrl: "" } : upstream.baseUrl ? {} : { apiKey: "" };
  const { apiKey, ...others } = upstream;
  const given = { ...required, ...others, ...(apiKey && { apiKey }), models };
  return readSettings(upstreamTables[name], given, `${name}.`).problems;
}

/** Settings of authentication that contradict each other, or would let in more than it says. */
export function* accessProblems(
  settings: RelaySettings,
  { authenticate, mayFollow }: Partial<RelayOptions>,
): Iterable<string> {
  const { auth, host, allowedOrigins, jwtCookie } = settings;
  if (authenticate !== undefined && typeof authenticate !== "function") {
    yield `authenticate (${shown(authenticate)}) must be a function.`;
  }
  if (mayFollow !== undefined && typeof mayFollow !== "function") {
    yield `mayFollow (${shown(mayFollow)}) must be a function.`;
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
  if (allowedOrigins.includes("*") && allowedOrigins.length > 1) {
    yield `${label("allowedOrigins")} must be "*" alone or a list of origins.`;
  }
  if (allowedOrigins.includes("*") && jwtCookie !== "") {
    yield `${label("allowedOrigins")} must name its origins: "*" goes without credentials, and ${label("jwtCookie")} is one.`;
  }
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
  { genesys, openai, openaiResponses, anthropic }: Partial<RelayOptions>,
): Iterable<string> {
  if (allowPlaintextCredentials) return;
  const connections = [
    // The client's secret goes to the one, its token to the other.
    ["genesys.loginUrl", genesys?.loginUrl],
    ["genesys.apiUrl", genesys?.apiUrl],
    ["openai.baseUrl", openai?.apiKey ? openai.baseUrl : undefined],
    ["openaiResponses.baseUrl", openaiResponses?.apiKey ? openaiResponses.baseUrl : undefined],
    ["anthropic.baseUrl", anthropic?.apiKey ? anthropic.baseUrl : undefined],
    ["redisUrl", hasPassword(redisUrl) ? redisUrl : undefined],
  ] as const;
  for (const [name, url] of connections) {
    if (url === undefined || !URL.canParse(url)) continue;
    const { protocol, hostname } = new URL(url);
    if (!/^(?:http|redis):$/.test(protocol) || isLoopback(hostname)) continue;
    yield `${label(name)} would send credentials unencrypted to ${hostname}: use TLS, or set ${label("allowPlaintextCredentials")} to true.`;
  }
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== "";
}
