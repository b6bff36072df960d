import { defineConfig } from "vitest/config";

// Tests run on sources: the private export condition needs no build.
const conditions = ["gatestream-source"];
const resolve = { conditions };
const ssr = { resolve: { conditions } };
const browserTests = "**/*.browser.test.ts";
const clientTests = ["packages/client/src/**/*.test.ts"];
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "node",
          environment: "node",
          include: ["packages/*/{src,test}/**/*.test.ts"],
          exclude: [browserTests],
        },
      },
      { resolve, ssr, test: { name: "jsdom", environment: "jsdom", include: clientTests } },
      { resolve, ssr, test: { name: "happy-dom", environment: "happy-dom", include: clientTests } },
      {
        resolve,
        ssr,
        test: {
          name: "browser",
          environment: "node",
          include: [`examples/${browserTests}`],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "packages",
          environment: "node",
          include: ["scripts/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
