import type { IncomingMessage } from "node:http";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Authenticate } from "./caller.ts";

/** What the names in `trustedProxies` stand for. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** Whether `text` is an address, a network or a name that stands for some. */
export function isTrustedProxy(text: string): boolean {
  return Object.hasOwn(namedNetworks, text) || readNetwork(text) !== undefined;
}

/** Whether only this machine reaches a host name or address; IPv6 with or without brackets. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|\[::1\]|127(?:\.\d{1,3}){3})$/.test(host);
}

/** No authentication: the caller is identified by its IP address. */
export function createAnonymousAuthenticator(trustedProxies: readonly string[]): Authenticate {
  const addressOf = createClientAddress(trustedProxies);
  return (request) => ({ subject: addressOf(request), isAnonymous: true });
}

/**
 * Finds the client of a request by its address: that of the connection, or what `X-Forwarded-For`
 * says of the nearest proxy that is not trusted. See {@link clientOf} for its form.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => string {
  // One for each family: a BlockList would find IPv4 addresses in IPv6 networks such as ::/64.
  const trusted = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const item of trustedProxies.flatMap((name) => namedNetworks[name] ?? name)) {
    const network = readNetwork(item);
    if (network === undefined) continue;
    const { address, prefix, family } = network;
    trusted[family].addSubnet(address, prefix, family);
  }
  const isTrusted = (text: string): boolean => {
    const address = readAddress(text);
    if (address === undefined) return false;
    const family = familyOf(address);
    return trusted[family].check(address, family);
  };
  return ({ socket, headers }) => {
    // A connection that is gone has no address, nor has one over a Unix domain socket.
    let client = socket.remoteAddress ?? "";
    // Each proxy adds, at the end, whom it was asked by.
    const forwarded = headers["x-forwarded-for"]?.toString().split(",").toReversed() ?? [];
    for (const address of forwarded) {
      if (!isTrusted(client)) break;
      if (address.trim() !== "") client = address;
    }
    return clientOf(client);
  };
}

/**
 * What stands for the client at an address: an IPv4 address, also where IPv6 maps it; of IPv6 the
 * network of 64 bits, which is what one household or one phone is given. Everybody else shares
 * the limits of `unknown`.
 */
export function clientOf(text: string): string {
  const address = readAddress(text);
  if (address === undefined) return "unknown";
  return isIPv4(address) ? address : `${address.split(":").slice(0, 4).join(":")}::/64`;
}

type Family = "ipv4" | "ipv6";

function familyOf(address: string): Family {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

/** An address, or a network such as `10.0.0.0/8`; undefined when it is neither. */
function readNetwork(text: string) {
  const [, written = "", bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const address = isIPv4(written) || isIPv6(written) ? readAddress(written) : undefined;
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const allBits = family === "ipv4" ? 32 : 128;
  const isMapped = family === "ipv4" && isIPv6(written);
  const prefix = bits === undefined ? allBits : Number(bits) - (isMapped ? 96 : 0);
  return prefix >= 1 && prefix <= allBits ? { address, prefix, family } : undefined;
}

/**
 * An address in one form: IPv4, also where IPv6 maps it, or the eight groups of IPv6. Proxies such as
 * Azure Application Gateway write a port behind the address, which is cut.
 */
function readAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(text.trim()) ?? [];
  const [, withPort] = /^([\d.]+):\d+$/.exec(text.trim()) ?? [];
  const address = bracketed ?? withPort ?? text.trim();
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  // A URL has the canonical form, in hexadecimal throughout; it takes no zone such as `%eth0`.
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, "")}]`);
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const groups = [...head, ...zeros, ...tail];
  if (!/^(?:0:){5}ffff:/.test(groups.join(":"))) return groups.join(":");
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join(".");
}
