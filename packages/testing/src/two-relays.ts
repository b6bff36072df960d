import { describe, expect } from "vitest";
import { ask, replyTo } from "./ask.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { startHeldGateway, type HeldGateway, type HeldGatewayOptions } from "./held-gateway.ts";
import { startRedis, whyNoRedis, type RedisServer } from "./redis-server.ts";
import { startRelay, type RelayUnderTest, type RelayUnderTestOptions } from "./relay-under-test.ts";
import { eventually } from "./eventually.ts";

/** Where relays keep their streams. */
export type LogKind = "memory" | "redis";

export interface RelaysUnderTestOptions extends Omit<RelayUnderTestOptions, "emulator"> {
  readonly gateway?: HeldGatewayOptions;
}

/** Relays that ask one gateway; `await using` closes everything. */
export interface RelaysUnderTest extends AsyncDisposable {
  readonly gateway: HeldGateway;
  readonly here: RelayUnderTest;
  /** Another one on the same Redis; with memory there is no other, and this is the same. */
  readonly there: RelayUnderTest;
}

export interface TwoRelays extends RelaysUnderTest {
  readonly redis: RedisServer;
  /** The link from `here` to Redis. */
  readonly link: FaultProxy;
}

/** The same tests for relays that share a Redis, and for one that keeps its streams in memory. */
export function describeEachLog(what: string, tests: (kind: LogKind) => void): void {
  describe(`${what}, in memory`, () => tests("memory"));
  describe.skipIf(whyNoRedis)(`${what}, on Redis ${whyNoRedis ?? ""}`, () => tests("redis"));
}

export function startRelays(
  kind: LogKind,
  options?: RelaysUnderTestOptions,
): Promise<RelaysUnderTest> {
  return kind === "redis" ? startTwoRelays(options) : startOneRelay(options);
}

async function startOneRelay({
  gateway: gatewayOptions,
  ...options
}: RelaysUnderTestOptions = {}): Promise<RelaysUnderTest> {
  const gateway = await startHeldGateway(gatewayOptions);
  const here = await startRelay(relayOptions(gateway, { resume: "memory", ...options }));
  return {
    gateway,
    here,
    there: here,
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Two relays on one Redis of their own, both connected to it. */
export async function startTwoRelays({
  gateway: gatewayOptions,
  ...options
}: RelaysUnderTestOptions = {}): Promise<TwoRelays> {
  const [gateway, redis] = await Promise.all([startHeldGateway(gatewayOptions), startRedis()]);
  const link = await startFaultProxy(Number(new URL(redis.url).port));
  const start = (redisUrl: string): Promise<RelayUnderTest> =>
    startRelay(relayOptions(gateway, { resume: "redis", redisUrl, ...options }));
  const [here, there] = await Promise.all([
    start(`redis://127.0.0.1:${link.port}`),
    start(redis.url),
  ]);
  await Promise.all([untilReady(here.url), untilReady(there.url)]);
  return {
    gateway,
    redis,
    link,
    here,
    there,
    async [Symbol.asyncDispose]() {
      await Promise.all([here[Symbol.asyncDispose](), there[Symbol.asyncDispose]()]);
      await gateway[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

function relayOptions(
  { url }: HeldGateway,
  options: Omit<RelaysUnderTestOptions, "gateway">,
): RelayUnderTestOptions {
  const genesys = { loginUrl: url, apiUrl: url, ...options.genesys };
  // No test here is about the gateway's limit.
  return { requestsPerMinute: 1_000_000, ...options, genesys };
}

/** The answer of a relay's `/readyz`. */
export async function readiness(url: string): Promise<readonly [status: number, text: string]> {
  const { status, text } = await replyTo(ask(`${url}/readyz`, undefined, { method: "GET" }));
  return [status, text];
}

export async function untilReady(url: string): Promise<void> {
  await eventually(async () => expect(await readiness(url)).toEqual([200, '{"status":"ready"}']));
}
