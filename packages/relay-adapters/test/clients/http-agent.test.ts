import { describeClient } from "../describe-client.ts";
import { runWith } from "../run-http-agent.ts";

describeClient({
  name: "@ag-ui/client 1, HttpAgent",
  adapter: "ag-ui",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "cancel",
  ask: (baseUrl, content, signal) => runWith({ url: `${baseUrl}/ag-ui/cfg-1`, content, signal }),
});
