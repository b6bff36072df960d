import { environmentFindings, genesysUrls, packageVersion } from "@gatestream/relay/command";
import type { Logger } from "pino";
import type { CommandOptions, CommandSettings } from "./settings/command-settings.ts";

export interface Start {
  readonly options: CommandOptions;
  readonly settings: CommandSettings;
  readonly environmentFile: readonly string[] | undefined;
}

/** Logs what a relay is about to run with, without secrets. */
export function logStart(logger: Logger, { options, settings, environmentFile }: Start): void {
  if (environmentFile !== undefined) {
    logger.info({ file: ".env", variables: environmentFile }, "environment file read");
  }
  const warning = options[environmentFindings]?.warning;
  if (warning !== undefined) logger.warn(warning);
  const { auth, resume, allowedOrigins, redisUrl } = settings;
  const facts = {
    version: packageVersion(),
    gateway: gatewayOf(options),
    auth: options.authenticate === undefined ? auth || "none" : "authenticate",
    resume: options.log === undefined ? resume : "log",
    allowedOrigins,
    redis: redisUrl === "" ? undefined : new URL(redisUrl).host,
  };
  logger.info(facts, "starting");
}

/** Which upstream, and where it is; not what stands in front of a host, which may be a password. */
function gatewayOf({ genesys, openai, provider }: CommandOptions): string {
  if (provider !== undefined) return provider.name;
  if (openai !== undefined) return `openai ${new URL(openai.baseUrl).host}`;
  return `genesys ${genesysUrls(genesys).chat.host}`;
}
