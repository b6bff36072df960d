import { isTrustedProxyList } from "../access/client-address.ts";
import { isInstalled } from "./installed.ts";
import { jwtProblems } from "./jwt-problems.ts";
import { isLoopback } from "./loopback.ts";
import type { RelayOptions } from "./options.ts";
import { settingNames } from "./setting-table.ts";
import type { RelaySettings } from "./settings.ts";
import { label, shown } from "./shown.ts";

/** Settings of authentication that contradict each other, or would let in more than it says. */
export function* admissionProblems(
  settings: RelaySettings,
  { authenticate }: RelayOptions,
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
    if (!isInstalled("@gatestream/relay-auth")) {
      yield 'auth=jwt needs the package "@gatestream/relay-auth": npm install @gatestream/relay-auth';
    }
  } else if (isJwtMeant) {
    yield `A key for tokens is set, but no token is asked for: set ${label("auth")} to "jwt".`;
  }
  for (const origin of allowedOrigins) yield* originProblems(origin);
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

function* originProblems(origin: string): Iterable<string> {
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
    const known = settingNames.find((settingName) => settingName === name);
    return known === undefined ? name : label(known);
  });
}
