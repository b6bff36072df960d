import type { RequestListener } from "node:http";
import { createEmulator, type EmulatorCall } from "@gatestream/emulator";
import { createRelay } from "@gatestream/relay";
import { mutingProxy } from "@gatestream/testing/muting-proxy";
import { startProxy, type Proxy } from "../proxy.ts";
import { createOwnProvider, type OwnProvider } from "./own-provider.ts";
import { sessionCookie, sessionSecret } from "./session-token.ts";
import { startSite } from "./site.ts";

/** Everything that a page under test talks to. */
export interface Lab
  extends AsyncDisposable, Pick<OwnProvider, "letOn" | "askedCount" | "runningCount"> {
  /**
   * The page and its relays, through the proxy: `/api/llm` asks the emulator, `/own` ourselves. `/muted`
   * is `/own` behind another proxy, which lets no event stream through.
   */
  readonly pageUrl: string;
  /** Another page of the same site. */
  readonly elsewhereUrl: string;
  readonly proxy: Proxy;
  /** A relay of another origin that lets the page in, with a token in a cookie. It asks ourselves. */
  readonly otherOriginUrl: string;
  readonly otherOriginProxy: Proxy;
  /** A relay of another origin that has not heard of the page. */
  readonly strangerUrl: string;
  /** The base path of a relay that answers as `listener` says: for what no real one would say. */
  script(listener: RequestListener): string;
  /** Waits until the emulator has taken a chat as wished; `question` is a part of its body. */
  chat(question: string, state?: EmulatorCall["state"]): Promise<EmulatorCall>;
  /** How many WebSockets the pages have opened. */
  readonly socketCount: number;
  /** How many chats there have been with `question` in their body. */
  chatCount(question: string): number;
}

/** How long a test waits for what ought to happen at the gateway, in milliseconds. */
const gatewayPatienceMs = 5_000;

const readers = {
  port: 0,
  shutdownGraceMs: 0,
  // Short, so that silence is noticed soon.
  heartbeatMs: 200,
  requestsPerMinute: 1_000_000,
  maxConcurrentStreams: 100_000,
} as const;

export async function startLab(): Promise<Lab> {
  const emulator = createEmulator({ tokensPerSecond: 250, seed: 7 });
  const gateway = await emulator.listen();
  const site = await startSite();
  const proxy = await startProxy(site.port);
  const own = createOwnProvider();

  const asksEmulator = {
    ...readers,
    // What the gateway refuses is told at once.
    handshakeTries: 1,
    genesys: {
      clientId: "demo-client",
      clientSecret: "demo-secret",
      loginUrl: gateway.url,
      apiUrl: gateway.url,
    },
  } as const;
  const asksOwn = { ...readers, provider: own.provider, resume: "memory" } as const;
  const emulated = createRelay({ ...asksEmulator, resume: "memory" });
  const owned = createRelay({ ...asksOwn, basePath: "/own" });
  const muted = createRelay({ ...asksOwn, basePath: "/muted" });
  const otherOrigin = createRelay({
    ...asksOwn,
    allowedOrigins: [proxy.url],
    auth: "jwt",
    jwtSecret: sessionSecret,
    jwtCookie: sessionCookie,
  });
  const stranger = createRelay(asksEmulator);
  site.mount("/api/llm", emulated.handler);
  site.mount("/own", owned.handler);
  site.mount("/muted", mutingProxy((await muted.listen()).url));
  site.upgrades.push(emulated.upgrade, owned.upgrade);
  const otherOriginProxy = await startProxy((await otherOrigin.listen()).port);

  let scriptCount = 0;
  const isAbout = (call: EmulatorCall, question: string): boolean =>
    call.kind === "chat" && (JSON.stringify(call.body) ?? "").includes(question);
  return {
    pageUrl: `${proxy.url}/`,
    elsewhereUrl: `${proxy.url}/elsewhere`,
    proxy,
    otherOriginUrl: `${otherOriginProxy.url}/api/llm`,
    otherOriginProxy,
    strangerUrl: `${(await stranger.listen()).url}/api/llm`,
    script(listener) {
      scriptCount += 1;
      const path = `/script-${scriptCount}`;
      site.mount(path, listener);
      return path;
    },
    chat: (question, state) =>
      emulator.waitFor(
        (call) =>
          isAbout(call, question) &&
          (call.status ?? 200) === 200 &&
          (state === undefined || call.state === state),
        { signal: AbortSignal.timeout(gatewayPatienceMs) },
      ),
    get socketCount() {
      return site.upgradeCount;
    },
    chatCount: (question) => emulator.calls.filter((call) => isAbout(call, question)).length,
    letOn: own.letOn,
    askedCount: own.askedCount,
    runningCount: own.runningCount,
    async [Symbol.asyncDispose]() {
      await Promise.all([proxy, otherOriginProxy].map((each) => each[Symbol.asyncDispose]()));
      await Promise.all(
        [emulated, owned, muted, otherOrigin, stranger].map(({ close }) => close()),
      );
      await site[Symbol.asyncDispose]();
      await emulator.close();
    },
  };
}
