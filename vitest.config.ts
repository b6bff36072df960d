import { defineConfig } from "vitest/config";

// Tests run on sources: the private export condition needs no build.
const conditions = ["gatestream-source"];
const onSources = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const browserTests = "**/*.browser.test.ts";
const report = process.env["TEST_REPORT"];

/** A test ends when what it waits for happens; this is only for what never does, on any machine. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** The client's tests are the same everywhere; its servers run outside of the environments. */
const client = {
  ...patience,
  include: ["packages/client/src/**/*.test.ts"],
  globalSetup: "packages/client/src/testing/global-setup.ts",
};

export default defineConfig({
  test: {
    maxWorkers: "100%",
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        ...onSources,
        test: {
          ...patience,
          name: "node",
          include: ["packages/{protocol,relay,emulator}/{src,test}/**/*.test.ts"],
        },
      },
      { ...onSources, test: { ...client, name: "client-node" } },
      {
        ...onSources,
        // It has no fetch: vitest keeps Node's, and Node's AbortController that belongs to it.
        test: { ...client, name: "client-jsdom", environment: "jsdom" },
      },
      {
        ...onSources,
        test: {
          ...client,
          name: "client-happy-dom",
          environment: "happy-dom",
          // The servers' ports, and so the page's origin, are not known before they listen.
          environmentOptions: {
            happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } },
          },
        },
      },
      {
        ...onSources,
        test: { ...patience, name: "browser", include: [`examples/${browserTests}`] },
      },
      {
        ...onSources,
        test: {
          ...patience,
          name: "engines",
          include: ["packages/client/browsers/**/*.test.ts"],
        },
      },
      { test: { ...patience, name: "packages", include: ["scripts/**/*.test.ts"] } },
    ],
  },
});
