import { describeServerRenderedChat } from "../testing/describe-server-rendered-chat.ts";

const next = "node_modules/next/dist/bin/next";

describeServerRenderedChat({
  folder: new URL("./", import.meta.url),
  build: [next, "build"],
  command: [next, "start", "--hostname", "127.0.0.1", "--port", "0"],
  environment: { NEXT_TELEMETRY_DISABLED: "1", HEARTBEAT_MS: "500", SHUTDOWN_GRACE_MS: "0" },
});
