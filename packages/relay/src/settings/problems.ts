import { jwtProblems } from "@gatestream/relay-auth/settings";
import type { OpenaiOptions } from "@gatestream/relay-providers/settings";
import { isLoopback } from "../access/client-address.ts";
import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type { RelayOptions } from "./options.ts";
import { label, readSettings, shown } from "./setting.ts";
import { settingTable, upstreamTables, type RelaySettings } from "./setting-table.ts";

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
    yield* openaiProblems(openai);
  }
  if (provider !== undefined && typeof provider.open !== "function") {
    yield `provider (${shown(provider)}) must be a Provider; GATESTREAM_PROVIDER takes genesys or openai.`;
  }
}

function genesysProblems(genesys: GenesysOptions): readonly string[] {
  const { clientId = "", clientSecret = "", loginUrl, apiUrl } = genesys;
  const { environment = loginUrl && apiUrl ? undefined : "" } = genesys;
  const given = { ...genesys, clientId, clientSecret, environment };
  return readSettings(upstreamTables.genesys, given, "genesys.").problems;
}

function openaiProblems(openai: OpenaiOptions): readonly string[] {
  const { baseUrl = "", models = {} } = openai;
  const pairs = Object.entries(models).map((pair) => pair.join("="));
  return readSettings(upstreamTables.openai, { ...openai, baseUrl, models: pairs }, "openai.")
    .problems;
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
  { genesys, openai }: Partial<RelayOptions>,
): Iterable<string> {
  if (allowPlaintextCredentials) return;
  const connections = [
    // The client's secret goes to the one, its token to the other.
    ["genesys.loginUrl", genesys?.loginUrl],
    ["genesys.apiUrl", genesys?.apiUrl],
    ["openai.baseUrl", openai?.apiKey ? openai.baseUrl : undefined],
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
