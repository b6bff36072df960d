import { existsSync } from "node:fs";
import type { Browser } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

import { startProxy, type Proxy } from "../../packages/client/browsers/proxy.ts";
import { createEmulator, type Emulator } from "../../packages/emulator/src/index.ts";
import type { ChatBrowser } from "./chat-browsers.ts";
import { openChatPage, type ChatPage, type PageSize } from "./chat-page.ts";
import { createHoldableClock, type HoldableClock } from "./holdable-clock.ts";
import type { ServerProcess } from "./server-process.ts";
import { startVite } from "./vite-process.ts";

/** A built chat page with everything behind it: its server, a network, a gateway. */
export interface ChatRoom {
  readonly emulator: Emulator;
  /** What the gateway answers by. */
  readonly clock: HoldableClock;
  /** What lies between the browser and the page's server. */
  readonly network: () => Proxy;
  /** Every text that the gateway has sent, in the order of the questions. */
  sentTexts(): readonly string[];
  /** Opens the page; after the test, nothing may have been complained of in its console. */
  open(size?: PageSize, search?: string): Promise<ChatPage>;
}

const credentials = { clientId: "page-test", clientSecret: "page-test-secret" };

/** Sets the room up for the tests of the suite that calls it. */
export function useChatRoom(kind: ChatBrowser, folder: URL): ChatRoom {
  const clock = createHoldableClock();
  const emulator = createEmulator({ ...credentials, tokensPerSecond: 400, clock });
  const opened: ChatPage[] = [];
  let browser: Browser;
  let vite: ServerProcess;
  let proxy: Proxy;

  beforeAll(async () => {
    if (!existsSync(new URL("dist/index.html", folder))) {
      throw new Error("The built page is tested: run `npm run build` first.");
    }
    const gateway = await emulator.listen();
    const environment = {
      GENESYS_CLIENT_ID: credentials.clientId,
      GENESYS_CLIENT_SECRET: credentials.clientSecret,
      GENESYS_LOGIN_URL: gateway.url,
      GENESYS_API_URL: gateway.url,
    };
    [browser, vite] = await Promise.all([
      kind.launch(),
      startVite({ folder, command: "preview", environment }),
    ]);
    proxy = await startProxy(Number(new URL(vite.url).port));
  });

  afterAll(async () => {
    await browser.close();
    await proxy[Symbol.asyncDispose]();
    await vite.close();
    await emulator.close();
  });

  beforeEach(() => emulator.reset());

  afterEach(async () => {
    clock.release();
    await proxy.calm();
    const complaints = opened.flatMap((chat) => chat.complaints);
    await Promise.all(opened.splice(0).map((chat) => chat.close()));
    expect(complaints).toEqual([]);
  });

  return {
    emulator,
    clock,
    network: () => proxy,
    sentTexts: () =>
      emulator.calls.filter(({ kind: asked }) => asked === "chat").map(({ sentText }) => sentText),
    async open(size, search = "") {
      const chat = await openChatPage(browser, `${proxy.url}/${search}`, size);
      opened.push(chat);
      return chat;
    },
  };
}
