import { testServerRenderedChat } from "../testing/test-server-rendered-chat.ts";

testServerRenderedChat({
  folder: new URL("./", import.meta.url),
  build: ["node_modules/nuxt/bin/nuxt.mjs", "build"],
  command: [".output/server/index.mjs"],
  relayUrlVariable: "NUXT_PUBLIC_RELAY_URL",
  environment: { NUXT_TELEMETRY_DISABLED: "1", HOST: "127.0.0.1", PORT: "0" },
});
