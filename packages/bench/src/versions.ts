import { nginxPath } from "./peers/nginx.ts";
import { packageVersion, programVersion } from "./measuring/machine.ts";
import { chromiumPath } from "./client/chromium-page.ts";
import { redisPath } from "./redis-server.ts";

const packages = [
  "@gatestream/relay",
  "express",
  "axios",
  "hono",
  "@hono/node-server",
  "better-sse",
  "ai",
  "@ai-sdk/openai-compatible",
  "@portkey-ai/gateway",
  "@microsoft/fetch-event-source",
  "eventsource-client",
  "react",
  "vue",
];

/** Of everything that is measured and not written here. */
export function measuredVersions(): Record<string, string> {
  return {
    ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    nginx: programVersion(nginxPath, "-v"),
    Redis: programVersion(redisPath, "--version"),
    Chromium: programVersion(chromiumPath, "--version"),
  };
}
