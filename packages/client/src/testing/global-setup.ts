import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import { defaultBasePath } from "@gatestream/protocol";
import type { TestProject } from "vitest/node";
import { createControlServer } from "./control-server.ts";
import type { TestServers } from "./provided.ts";
import { createScriptedServer } from "./scripted-server.ts";

/**
 * The servers that the client's tests talk to. They run in vitest's own process: in a worker they
 * would see the globals that jsdom and happy-dom replace.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const emulator = createEmulator({ tokensPerSecond: 0, seed: 7 });
  const gateway = await emulator.listen();
  const options = {
    genesys: {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      loginUrl: gateway.url,
      apiUrl: gateway.url,
    },
    port: 0,
    // A refusal of the gateway is told at once.
    handshakeTries: 1,
    requestsPerMinute: 1_000_000,
    // The page of happy-dom has an origin of its own.
    allowedOrigins: ["*"],
    shutdownGraceMs: 0,
  };
  const relay = createRelay({ ...options, resume: "memory" });
  const plainRelay = createRelay({ ...options, resume: "off" });
  const earlyRelay = createRelay({ ...options, resume: "memory", firstByteGraceMs: 0 });
  const control = await createControlServer(emulator);
  const scripted = await createScriptedServer();
  const servers: TestServers = {
    relayUrl: (await relay.listen()).url + defaultBasePath,
    plainRelayUrl: (await plainRelay.listen()).url + defaultBasePath,
    earlyRelayUrl: (await earlyRelay.listen()).url + defaultBasePath,
    scriptedUrl: scripted.url,
    controlUrl: control.url,
  };
  project.provide("servers", servers);
  return async () => {
    const relays = [relay, plainRelay, earlyRelay];
    await Promise.all([...relays, control, scripted].map((server) => server.close()));
    await emulator.close();
  };
}
