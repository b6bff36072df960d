import { createEmulator } from "@gatestream/emulator";
import { createRelay, type RelayOptions } from "@gatestream/relay";
import { relayOptionsFromEnvironment } from "gatestream";
import { loadEnv, type Plugin, type PreviewServer, type ViteDevServer } from "vite";

/**
 * Answers `/api/llm` where Vite serves the page, so that one command starts everything. The gateway
 * is the one that `GENESYS_…` names, in the environment or in `.env`; without it, an emulator.
 *
 * Where your relay runs by itself, Vite's `server.proxy` takes the place of this plugin.
 */
export function relayPlugin(options: Pick<RelayOptions, "adapters"> = {}): Plugin {
  const mountRelay = (server: ViteDevServer | PreviewServer) => mount(server, options);
  return {
    name: "gatestream-relay",
    configureServer: mountRelay,
    configurePreviewServer: mountRelay,
  };
}

async function mount(
  { config, middlewares, httpServer }: ViteDevServer | PreviewServer,
  options: Pick<RelayOptions, "adapters">,
) {
  const given = loadEnv(config.mode, config.root, ["GENESYS_", "GATESTREAM_"]);
  const gateway = given["GENESYS_CLIENT_ID"] ? undefined : await startEmulator();
  const relay = createRelay({
    // The answer goes on at the relay while nobody reads, and is kept for who comes back.
    resume: "memory",
    shutdownGraceMs: 0,
    ...options,
    ...relayOptionsFromEnvironment({ ...given, ...gateway?.environment }),
    basePath: "/api/llm",
  });
  middlewares.use(relay.handler);
  httpServer?.once("close", () => {
    void relay.close();
    void gateway?.close();
  });
}

/** A gateway that needs no account, in this process. */
async function startEmulator() {
  const clientId = "demo-client";
  const clientSecret = "demo-secret";
  const emulator = createEmulator({ clientId, clientSecret });
  const { url } = await emulator.listen();
  const environment = {
    GENESYS_CLIENT_ID: clientId,
    GENESYS_CLIENT_SECRET: clientSecret,
    GENESYS_LOGIN_URL: url,
    GENESYS_API_URL: url,
  };
  return { environment, close: emulator.close };
}
