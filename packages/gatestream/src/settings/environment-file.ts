import { parseEnv } from "node:util";

type Environment = Readonly<Record<string, string | undefined>>;

const taken = /^(?:PORT|HOST|(?:GATESTREAM|GENESYS|OPENAI|ANTHROPIC)_\w+)$/;

/** What says where credentials are sent, and how. */
const destinations: Readonly<Record<string, readonly string[]>> = {
  GENESYS_CLIENT_SECRET: [
    "GENESYS_LOGIN_URL",
    "GENESYS_API_URL",
    "GENESYS_ENVIRONMENT",
    "GENESYS_GATEWAY_PATH",
    "GATESTREAM_PROVIDER",
    "GATESTREAM_ALLOW_PLAINTEXT_CREDENTIALS",
  ],
  ANTHROPIC_API_KEY: [
    "ANTHROPIC_BASE_URL",
    "GATESTREAM_PROVIDER",
    "GATESTREAM_ALLOW_PLAINTEXT_CREDENTIALS",
  ],
  OPENAI_API_KEY: [
    "OPENAI_BASE_URL",
    "GATESTREAM_PROVIDER",
    "GATESTREAM_ALLOW_PLAINTEXT_CREDENTIALS",
  ],
};

/**
 * The variables that a `.env` file adds to `environment`: the relay's own, where they are not set
 * already. A file in a folder that others can write must not get credentials: it cannot
 * set variables of Node or of the system, nor where credentials of the environment are sent.
 *
 * @throws Error where it tries to.
 */
export function readEnvironmentFile(
  text: string,
  environment: Environment,
): Record<string, string> {
  const added = Object.fromEntries(
    Object.entries(parseEnv(text)).filter(
      (entry): entry is [string, string] =>
        taken.test(entry[0]) && environment[entry[0]] === undefined,
    ),
  );
  for (const [credential, names] of Object.entries(destinations)) {
    if (!environment[credential]) continue;
    const moving = names.find((name) => added[name]);
    if (moving === undefined) continue;
    throw new Error(
      `.env sets ${moving}, but ${credential} comes from the environment: set both in the same place.`,
    );
  }
  return added;
}
