import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Engine, Page } from "../../packages/client/browsers/engines/engine.ts";
import { webkit } from "../../packages/client/browsers/engines/webkit.ts";
import { startDemo, type DemoProcess } from "./test/demo-process.ts";

describe.skipIf(webkit.whyMissing !== undefined)("the chat page in WebKit", () => {
  let engine: Engine;
  let demo: DemoProcess;
  let page: Page;

  beforeAll(async () => {
    [engine, demo] = await Promise.all([webkit.launch(), startDemo()]);
    page = await engine.open(await demo.url);
  });

  afterAll(async () => {
    await page.close();
    await engine.close();
    demo.kill("SIGTERM");
    expect(await demo.exitCode).toBe(0);
  });

  test("Enter that ends a composition does not send, and the next Enter does", async () => {
    const seen = await page.evaluate(async () => {
      const field = document.querySelector<HTMLTextAreaElement>(".gs-composer textarea");
      if (field === null) throw new Error("There is no composer.");
      const press = (init: object): void => {
        field.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }),
        );
      };
      const until = async (isSo: () => boolean): Promise<void> => {
        while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await until(() => document.querySelector("#gateway:not([hidden])") !== null);
      field.value = "What is on my invoice?";
      // The order of WebKit: `compositionend` first, then this, whose `isComposing` is false.
      press({ keyCode: 229 });
      const sentTooEarly = document.querySelectorAll(".gs-message").length;
      press({ keyCode: 13 });
      await until(() => document.querySelector('[data-status="done"]') !== null);
      return {
        sentTooEarly,
        messages: document.querySelectorAll(".gs-message").length,
        isMarkdown: document.querySelector(".gs-markdown :is(h2, h3, strong)") !== null,
      };
    });
    expect(seen).toEqual({ sentTooEarly: 0, messages: 2, isMarkdown: true });
  });
});
