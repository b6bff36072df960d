import type { UpstreamSettings } from "@gatestream/relay/parts";

/** What differs from the relay's settings for an upstream. */
export interface UpstreamOptions extends Partial<UpstreamSettings> {
  /** Whether the key may be sent over plain `http` to a host that is not loopback. @defaultValue false */
  readonly allowPlaintextCredentials?: boolean;
}

/** `path` below that of `baseUrl`; a query, such as Azure's `api-version`, stays one. */
export function below(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  return url;
}

/** The model that answers for a `configurationId`: one that is not listed is a model's name itself. */
export function modelOf(models: Readonly<Record<string, string>>, configurationId: string) {
  return Object.hasOwn(models, configurationId) ? models[configurationId] : configurationId;
}

/** The options that are in a server's own table, and the others. */
export function splitOptions<Own extends object, Others extends object>(
  options: Own & Others,
  table: Readonly<Record<keyof Own, unknown>>,
) {
  const entries = Object.entries(options);
  const isOwn = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(table, name);
  return {
    own: Object.fromEntries(entries.filter(isOwn)) as Own,
    others: Object.fromEntries(entries.filter((entry) => !isOwn(entry))) as Others,
  };
}
