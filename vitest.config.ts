import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests run on sources: the private export condition needs no build.
const conditions = ["gatestream-source"];
const onSources = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Where global setups run.
  environments: { __vitest__: { resolve: { conditions, noExternal: /^@gatestream\// } } },
};
const browserTests = "**/*.browser.test.ts";
const report = process.env["TEST_REPORT"];

/** A test ends when what it waits for happens; this is only for what never does, on any machine. */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  execArgv: ["--unhandled-rejections=strict"],
};

/**
 * These files leave nothing behind in their process, so they share one: loading a DOM, or the modules,
 * for each file takes longer than its tests.
 */
const sharedProcess = { isolate: false };

/**
 * All files of a small project share one: a second one, with a DOM and all modules, takes longer than
 * their tests. vitest runs such projects one after the other, when all others have ended.
 */
const oneProcess = { ...sharedProcess, maxWorkers: 1, sequence: { groupOrder: 1 } };

/** Each of these has a process of its own: what they measure, count or set is the process's. */
const ownProcess = [
  "packages/relay/src/{access/limits,gateway/decode/unfinished-line,http/body,log/kept-stream}.test.ts",
  "packages/relay/src/stream/streams.test.ts",
  "packages/relay/test/gateway/thinking-model.test.ts",
  "packages/relay/test/hostile/{connections,oversized,traffic}.test.ts",
  "packages/relay/test/lifecycle/{nothing-left,own-process,users-parts}.test.ts",
  "packages/relay/test/resumption/{nothing-left,storm}.test.ts",
  "packages/relay/test/stream/{every-state,request-memory,slow-consumer}.test.ts",
  "packages/relay/test/websocket/{life,slow,streams}.test.ts",
  "packages/relay-{metrics/src/process,redis/src/**/nothing-left,opentelemetry/src/*}.test.ts",
];

/**
 * Files that know nothing of where they run, and what measures the heap of Node: once is enough.
 * All other tests of the client are the same everywhere; its servers run outside of the environments.
 */
const anywhere = [
  "packages/client/src/{documentation,old-and-new}.test.ts",
  "packages/client/src/answer/{event-buffer,memory,status}.test.ts",
  "packages/client/src/conversation/{persist-in-storage,request-messages,saved-chat}.test.ts",
  "packages/client/src/recovery/{loss,next-step}.test.ts",
  "packages/client/src/transport/poll/proxies.test.ts",
  "packages/client/src/transport/test/**/*.test.ts",
];
const client = {
  ...patience,
  ...oneProcess,
  include: ["packages/client/src/**/*.test.ts"],
  globalSetup: "packages/client/src/testing/global-setup.ts",
};

/** The wrappers talk to the same servers. */
const wrapper = {
  ...patience,
  ...oneProcess,
  globalSetup: client.globalSetup,
  environment: "jsdom",
};
const react = { ...wrapper, include: ["packages/react/src/**/*.test.ts"] };
const react18 = fileURLToPath(
  new URL("packages/react/test/react-18/node_modules", import.meta.url),
);

export default defineConfig({
  test: {
    // Tests wait as much as they work: for a lease to lapse, a grace to end, a process to start.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // happy-dom's fetch throws where nothing can catch it when bytes arrive for a cancelled body.
    onUnhandledError: ({ stack }) => !stack?.includes("happy-dom/lib/fetch/"),
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        ...onSources,
        test: {
          ...patience,
          name: "node",
          include: ownProcess,
        },
      },
      {
        ...onSources,
        test: {
          ...patience,
          ...sharedProcess,
          name: "node-shared",
          include: [
            "packages/{ai-sdk,protocol,relay,relay-*,gatestream,emulator,bench,testing}/{src,test}/**/*.test.ts",
          ],
          exclude: ownProcess,
        },
      },
      {
        ...onSources,
        test: {
          ...client,
          name: "client-node",
          include: [...client.include, "packages/client/recipes/**/*.test.ts"],
        },
      },
      {
        ...onSources,
        // It has no fetch: vitest keeps Node's, and Node's AbortController that belongs to it.
        test: { ...client, exclude: anywhere, name: "client-jsdom", environment: "jsdom" },
      },
      {
        ...onSources,
        test: {
          ...client,
          exclude: anywhere,
          name: "client-happy-dom",
          environment: "happy-dom",
          // The servers' ports, and so the page's origin, are not known before they listen.
          environmentOptions: {
            happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } },
          },
        },
      },
      { ...onSources, test: { ...react, name: "react", env: { REACT_MAJOR: "19" } } },
      {
        ...onSources,
        resolve: {
          conditions,
          alias: { react: `${react18}/react`, "react-dom": `${react18}/react-dom` },
        },
        test: { ...react, name: "react-18", env: { REACT_MAJOR: "18" } },
      },
      {
        ...onSources,
        test: { ...wrapper, name: "vue", include: ["packages/vue/src/**/*.test.ts"] },
      },
      {
        ...onSources,
        test: {
          ...patience,
          ...oneProcess,
          name: "kit",
          include: ["packages/{ui,element}/src/**/*.test.ts"],
          environment: "jsdom",
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
      {
        test: {
          ...patience,
          // They pack, install and build.
          hookTimeout: 600_000,
          name: "packages",
          include: ["scripts/**/*.test.ts"],
        },
      },
    ],
  },
});
