import type * as client from "@gatestream/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hasChromium, launchBrowser } from "./test/chat-page.ts";
import { type DemoProcess, startDemo } from "./test/demo-process.ts";

describe.skipIf(!hasChromium)("over HTTP/1.1, of which a browser has six connections", () => {
  let browser: Browser;
  let demo: DemoProcess;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([launchBrowser(), startDemo()]);
  });

  afterAll(async () => {
    await browser.close();
    demo.kill("SIGKILL");
    await demo.exitCode;
  });

  /** What becomes of a seventh stream that gets its connection later than it may take to connect. */
  async function seventhStream(): Promise<string> {
    const page = await browser.newPage();
    await page.goto(await demo.url);
    const ending = await page.evaluate(async () => {
      const { gatestream } = globalThis as unknown as { readonly gatestream: typeof client };
      const ask = (content: string, connectTimeoutMs: number) =>
        gatestream
          .createClient({ url: "/api/llm", retry: false, connectTimeoutMs })
          .stream({ configurationId: "demo", messages: [{ role: "user", content }] });
      const hasText = (stream: client.TokenStream) =>
        new Promise<void>((resolve) => {
          const stopHearing = stream.subscribe(() => {
            if (stream.text === "") return;
            stopHearing();
            resolve();
          });
        });
      const streams = Array.from({ length: 6 }, () => ask("/scenario stall", 60_000));
      await Promise.all(streams.map(hasText));
      const seventh = ask("Hello", 500).result();
      const ended = seventh.then(
        ({ reason }) => reason,
        ({ code }) => code,
      );
      // Time itself is what is tested.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      streams[0]?.cancel();
      return ended;
    });
    await page.close();
    return ending;
  }

  // The time counts from the call on: no browser tells when it sends a request that it has queued.
  test.fails("a seventh stream waits for its connection as long as it takes", async () => {
    expect(await seventhStream()).toBe("stop");
  });

  test("a seventh stream that gets no connection in time ends with timeout", async () => {
    expect(await seventhStream()).toBe("timeout");
  });
});
