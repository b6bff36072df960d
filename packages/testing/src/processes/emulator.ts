import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createEmulator, type EmulatorOptions } from "@gatestream/emulator";

/** The gateway with an event loop of its own; what it keeps of calls is bounded. */
const emulator = createEmulator(JSON.parse(process.argv[2] ?? "{}") as EmulatorOptions);
const maxCalls = 1_000;
const closing = new EventEmitter();
let open = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  open += 1;
  response.once("close", () => {
    open -= 1;
    closing.emit("close");
  });
  if (emulator.calls.length > maxCalls) emulator.reset();
  emulator.handler(request, response);
});

process.on("disconnect", () => process.exit());
process.on("message", async (message) => {
  if (message !== "rest") return;
  while (open > 0) await once(closing, "close");
  process.send?.({ type: "rested" });
});
await once(server.listen(0, "127.0.0.1"), "listening");
const { port } = server.address() as AddressInfo;
process.send?.({ type: "listening", url: `http://127.0.0.1:${port}` });
