import { describeServerRenderedChat } from "../testing/describe-server-rendered-chat.ts";

describeServerRenderedChat({
  folder: new URL("./", import.meta.url),
  build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
  command: [".output/server/index.mjs"],
  environment: {
    NUXT_TELEMETRY_DISABLED: "1",
    HOST: "127.0.0.1",
    PORT: "0",
    HEARTBEAT_MS: "500",
    SHUTDOWN_GRACE_MS: "0",
  },
});
