import type { RelayOptions } from "./options.ts";
import { isLoopback } from "./loopback.ts";
import type { RelaySettings } from "./settings.ts";
import { label } from "./shown.ts";

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
