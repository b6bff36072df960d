import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmulator } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import { requireLoopbackHost } from "@gatestream/relay/command";
import { listenProblem } from "../listen-problem.ts";
import { readPageFiles, servePage } from "./page.ts";

export interface DemoSurroundings {
  readonly print: (text: string) => void;
  /** Aborted when the demo is to end. */
  readonly stop: AbortSignal;
}

const host = "127.0.0.1";
const client = { clientId: "demo-client", clientSecret: "demo-secret" };

/**
 * Runs an emulated gateway, a relay and a page with the chat element until `stop` is aborted. The
 * environment has no say in it.
 *
 * @throws Error saying what to change where it cannot listen.
 */
export async function demo(port: number, { print, stop }: DemoSurroundings): Promise<void> {
  const files = await readPageFiles();
  const emulator = createEmulator(client);
  const gateway = await emulator.listen();
  const relay = createRelay({
    genesys: { ...client, loginUrl: gateway.url, apiUrl: gateway.url },
    // A demo must not take half a minute to end.
    shutdownGraceMs: 2_000,
  });
  const server = createServer((request, response) => {
    if (!isForThisMachine(request)) {
      response.writeHead(421).end();
      return;
    }
    relay.handler(request, response, () => servePage(files, request, response));
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
    const { port: ownPort } = server.address() as AddressInfo;
    print(greeting(`http://${host}:${ownPort}`));
    if (!stop.aborted) await once(stop, "abort");
  } catch (failure) {
    throw new Error(listenProblem(failure, { host, port }), { cause: failure });
  } finally {
    server.close();
    await relay.close();
    server.closeAllConnections();
    await emulator.close();
  }
}

/** Otherwise a page of another site whose name points to 127.0.0.1 could use the demo. */
function isForThisMachine(request: IncomingMessage): boolean {
  try {
    requireLoopbackHost(request);
    return true;
  } catch {
    // It says so of a relay; here the status is enough.
    return false;
  }
}

function greeting(url: string): string {
  const body = { configurationId: "demo", messages: [{ role: "user", content: "Hello" }] };
  return `
  The gatestream demo is running: an emulated gateway, the relay and a page.

  Chat     ${url}/
  Stream   curl -N ${url}/api/llm/stream -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'

  Ctrl-C ends it.

`;
}
