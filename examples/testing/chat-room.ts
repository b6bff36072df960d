import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

import type {
  Engine,
  EngineKind,
  PageSize,
} from "../../packages/client/browsers/engines/engine.ts";
import { startProxy, type Proxy } from "../../packages/client/browsers/proxy.ts";
import { createEmulator, type Emulator } from "../../packages/emulator/src/index.ts";
import { startDemo, type DemoProcess } from "../vanilla/test/demo-process.ts";
import { openChatPage, type ChatPage, type ChatPageKind } from "./chat-page.ts";
import { createHoldableClock, type HoldableClock } from "./holdable-clock.ts";

/** The chat pages with everything behind them: their server, a network, a gateway, a browser. */
export interface ChatRoom {
  readonly emulator: Emulator;
  /** What the gateway answers by. */
  readonly clock: HoldableClock;
  /** What lies between the browser and the pages' server. */
  readonly network: () => Proxy;
  /** Every text that the gateway has sent, in the order of the questions. */
  sentTexts(): readonly string[];
  /** What was asked of the gateway, in the order of the questions. */
  bodies(): readonly unknown[];
  /** Opens a page; after the test, nothing may have been complained of in its console. */
  open(size?: PageSize): Promise<ChatPage>;
}

const credentials = { clientId: "page-test", clientSecret: "page-test-secret" };

/** Starts all of it for the tests of a file. `kind()` is the page that the current test opens. */
export function useChatRoom(browser: EngineKind, kind: () => ChatPageKind): ChatRoom {
  const clock = createHoldableClock();
  const emulator = createEmulator({ ...credentials, tokensPerSecond: 2000, clock });
  const chatCalls = () => emulator.calls.filter((call) => call.kind === "chat");
  let opened: ChatPage[] = [];
  let engine: Engine;
  let demo: DemoProcess;
  let proxy: Proxy;

  beforeAll(async () => {
    const gateway = await emulator.listen();
    [engine, demo] = await Promise.all([
      browser.launch(),
      startDemo({
        environment: {
          GENESYS_CLIENT_ID: credentials.clientId,
          GENESYS_CLIENT_SECRET: credentials.clientSecret,
          GENESYS_LOGIN_URL: gateway.url,
          GENESYS_API_URL: gateway.url,
          GATESTREAM_CONFIGURATION_ID: "demo",
          // Two refusals are enough to fail: `unavailable-twice` then answers the third attempt.
          GATESTREAM_HANDSHAKE_TRIES: "2",
        },
      }),
    ]);
    proxy = await startProxy(Number(new URL(await demo.url).port));
  });

  afterAll(async () => {
    await engine.close();
    await proxy[Symbol.asyncDispose]();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
    await emulator.close();
  });

  beforeEach(() => emulator.reset());

  afterEach(async () => {
    clock.release();
    await proxy.calm();
    const pages = opened;
    opened = [];
    await Promise.all(pages.map(({ page }) => page.close()));
    // A browser logs each request that fails or is refused; no page can prevent that.
    const isTheBrowsers = /\/api\/llm\/|net::ERR_|^An iframe which has both|^Permissions policy/;
    const complaints = pages.flatMap(({ page }) => page.complaints);
    expect(complaints.filter((complaint) => !isTheBrowsers.test(complaint))).toEqual([]);
  });

  return {
    emulator,
    clock,
    network: () => proxy,
    sentTexts: () => chatCalls().map(({ sentText }) => sentText),
    bodies: () => chatCalls().map(({ body }) => body),
    async open(size = { width: 720, height: 540 }) {
      const chat = await openChatPage(engine, { url: `${proxy.url}/`, kind: kind() }, size);
      opened.push(chat);
      return chat;
    },
  };
}
