import { once } from "node:events";
import { createServer } from "node:net";
import type { Finding } from "@gatestream/relay";
import { probe } from "@gatestream/relay-providers";
import { Agent } from "undici";
import { listenProblem, type ListenAddress } from "../listen-problem.ts";

/** Listens for a moment. A port that a relay holds already is only warned of. */
export async function checkPort(address: ListenAddress, signal: AbortSignal): Promise<Finding> {
  const { host, port } = address;
  const what = port === 0 ? `a free port of ${host}` : `port ${port} of ${host}`;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return { what, outcome: "ok", message: "free" };
  } catch (failure) {
    if (await isRelay(address, signal)) {
      const message =
        "a relay listens there already; another needs another port, with PORT or --port.";
      return { what, outcome: "warning", message };
    }
    return { what, outcome: "failed", message: listenProblem(failure, address) };
  }
}

async function isRelay({ host, port }: ListenAddress, signal: AbortSignal): Promise<boolean> {
  const dispatcher = new Agent({ connect: { timeout: 1_000 } });
  try {
    const url = new URL(`http://${host.includes(":") ? `[${host}]` : host}:${port}/healthz`);
    const { text } = await probe(url, { dispatcher, signal, timeoutMs: 2_000 });
    return text === '{"status":"alive"}';
  } catch {
    // Whatever listens there, it is no relay.
    return false;
  } finally {
    await dispatcher.destroy();
  }
}
