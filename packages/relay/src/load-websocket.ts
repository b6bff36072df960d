import { socketPath } from "@gatestream/protocol";
import { isInstalled } from "./configuration/installed.ts";
import type { OpenTransport, UpgradeTransport } from "./routes/upgrade-transport.ts";
import { noWebSocket } from "./routes/upgrades.ts";

/** The WebSocket of `@gatestream/relay-websocket`, where that is installed. */
export function installedWebSocket(): readonly UpgradeTransport[] {
  return isInstalled("@gatestream/relay-websocket") ? [{ path: socketPath, open }] : [];
}

/** Loads the package for the first client that asks for a socket. */
const open: UpgradeTransport["open"] = (relay) => {
  let opened: Promise<OpenTransport> | undefined;

  async function load(): Promise<OpenTransport> {
    const { webSocket } = await import("@gatestream/relay-websocket").catch((cause: unknown) => {
      throw noWebSocket({ cause });
    });
    return webSocket().open(relay);
  }

  return {
    async upgrade(upgrade) {
      opened ??= load();
      await (await opened).upgrade(upgrade);
    },
    async close() {
      await (await opened)?.close();
    },
  };
};
