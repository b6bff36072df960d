import { expect, test } from "vitest";

import { startVite } from "./vite-process.ts";

/** Without an account and without settings, what `npm start` runs answers. */
export function testDevelopmentServer(folder: URL): void {
  test("the development server answers by itself, from an emulated gateway", async () => {
    const server = await startVite({
      folder,
      command: "dev",
      environment: { GENESYS_CLIENT_ID: "" },
    });
    try {
      const page = await fetch(server.url);
      expect(await page.text()).toContain('<div id="app">');
      const answer = await fetch(`${server.url}/api/llm/stream`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          configurationId: "demo",
          messages: [{ role: "user", content: "/scenario many-tokens 3" }],
          onDisconnect: "detach",
        }),
      });
      expect(await answer.text()).toContain('data: {"type":"stop"');
    } finally {
      await server.close();
    }
  });
}
