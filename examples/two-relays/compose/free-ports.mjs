import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Ports of 127.0.0.1 that nobody listens at. They are below those that the system gives away: nobody
 * takes one while the relay that had it is being started again.
 * @param {number} count
 */
export async function freePorts(count) {
  const servers = [];
  while (servers.length < count) {
    const server = createServer().listen(randomInt(20_000, 32_000), "127.0.0.1");
    try {
      await once(server, "listening");
      servers.push(server);
    } catch {
      // Taken: another number then.
    }
  }
  const ports = servers.map(
    (server) => /** @type {import("node:net").AddressInfo} */ (server.address()).port,
  );
  await Promise.all(
    servers.map((server) => {
      server.close();
      return once(server, "close");
    }),
  );
  return ports;
}
