import type { IncomingMessage } from "node:http";
import proxyAddress from "@fastify/proxy-addr";

/** Whether every item is an address, a network or a name that stands for some. */
export function isTrustedProxyList(trustedProxies: readonly string[]): boolean {
  try {
    proxyAddress.compile([...trustedProxies]);
    return true;
  } catch {
    // What is wrong is told with the setting's name by whoever asks.
    return false;
  }
}

/**
 * Finds the address of whoever sent a request: the connection's, or what the nearest proxy that is
 * not trusted is said to be in `X-Forwarded-For`. Empty for a connection that is gone.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => string {
  const isTrusted = proxyAddress.compile([...trustedProxies]);
  return (request) => (request.socket.remoteAddress ? proxyAddress(request, isTrusted) : "");
}
