import proxyAddress from "@fastify/proxy-addr";
import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import type { Authenticate } from "./caller.ts";

/** Whether every item is an address, a network or a name that stands for some. */
export function isTrustedProxyList(trustedProxies: readonly string[]): boolean {
  try {
    proxyAddress.compile([...trustedProxies]);
    return true;
  } catch {
    // The caller reports the problem with the setting's name.
    return false;
  }
}

/**
 * Finds the client of a request by its address: that of the connection, or what `X-Forwarded-For`
 * says of the nearest proxy that is not trusted. See {@link clientOf} for its form.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => string {
  const isListed = proxyAddress.compile([...trustedProxies]);
  const isTrusted = (address: string, hop: number): boolean => isListed(withoutPort(address), hop);
  return (request) => {
    // A connection that is gone has no address, nor has one over a Unix domain socket.
    if (!request.socket.remoteAddress) return noClient;
    return clientOf(proxyAddress(request, isTrusted));
  };
}

/** The subject of everybody whose address is none: they share one limit. */
const noClient = "unknown";

/**
 * What stands for the client at an address: an IPv4 address, also where IPv6 maps it; of IPv6 the
 * network of 64 bits, which is what one household or one phone is given; `unknown` for anything else.
 * Proxies such as Azure Application Gateway write a port behind the address, which is cut.
 */
export function clientOf(text: string): string {
  const address = withoutPort(text.trim());
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return noClient;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xff_ff;
  if (isMapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  }
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}

/** `[2001:db8::1]:443` and `203.0.113.7:443` without brackets and port. */
function withoutPort(text: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? [];
  const [, withPort] = /^([\d.]+):\d+$/.exec(text) ?? [];
  return bracketed ?? withPort ?? text;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // A URL has the canonical form, in hexadecimal throughout; it takes no zone such as `%eth0`.
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, "")}]`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [read(head), read(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last];
}

/** No authentication: the caller is identified by its IP address. */
export function createAnonymousAuthenticator(trustedProxies: readonly string[]): Authenticate {
  const addressOf = createClientAddress(trustedProxies);
  return (request) => ({ subject: addressOf(request), isAnonymous: true });
}
