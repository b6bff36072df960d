import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import {
  createEmulator,
  type Emulator,
  type EmulatorOptions,
} from "../packages/emulator/src/index.ts";
import { root } from "./bootstrap.mjs";
import { runNode, type RunningNode } from "./run-node.ts";

const packages = new URL("packages/", pathToFileURL(root));
/** The built library. */
export const library = new URL("relay/dist/index.js", packages);
/** What hosts import of the command. */
export const commandLibrary = new URL("gatestream/dist/index.js", packages);
/** The built command. */
export const cli = fileURLToPath(new URL("gatestream/dist/cli.js", packages));

/** The built command, in a process of its own. */
export function gatestream(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder?: string,
): RunningNode {
  return runNode([cli, ...args], environment, folder);
}

export interface Gateway {
  readonly emulator: Emulator;
  /** What points the command at it. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The emulated gateway, in this process; closed when the test is over. */
export async function startGateway(options: EmulatorOptions = {}): Promise<Gateway> {
  const credentials = { clientId: "demo-client", clientSecret: "demo-secret" };
  const emulator = createEmulator({ ...credentials, ...options });
  const { url } = await emulator.listen();
  onTestFinished(() => emulator.close());
  return {
    emulator,
    variables: {
      GENESYS_LOGIN_URL: url,
      GENESYS_API_URL: url,
      GENESYS_CLIENT_ID: credentials.clientId,
      GENESYS_CLIENT_SECRET: credentials.clientSecret,
    },
  };
}

/** A relay that listens at a free port. */
export async function startRelay(
  { variables }: Pick<Gateway, "variables">,
  ...args: readonly string[]
) {
  const program = gatestream(["serve", "--port", "0", ...args], variables);
  const [, url = ""] = await program.match(/"url":"(http:[^"]+)"/);
  return { program, url };
}

/** Resolves when the gateway has accepted the request, before the answer has ended. */
export async function startStream(url: string): Promise<Response> {
  return await fetch(`${url}/api/llm/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
}

export const question = {
  configurationId: "cfg-1",
  messages: [{ role: "user", content: "How do I reset my password?" }],
};
export const wholeAnswer = /"type":"stop","reason":"stop"\}\nid: \d+\n\n$/;
