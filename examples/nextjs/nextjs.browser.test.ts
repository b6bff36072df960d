import { testServerRenderedChat } from "../testing/test-server-rendered-chat.ts";

const next = "node_modules/next/dist/bin/next";

testServerRenderedChat({
  folder: new URL("./", import.meta.url),
  build: [next, "build"],
  command: [next, "start", "--hostname", "127.0.0.1", "--port", "0"],
  relayUrlVariable: "RELAY_URL",
  environment: { NEXT_TELEMETRY_DISABLED: "1" },
});
