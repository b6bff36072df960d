import { CopilotKitCore } from "@copilotkit/core";
import { HttpAgent } from "ag-ui-client-v0";
import { describeClient } from "../describe-client.ts";
import { fetchCancellable } from "../fetch-cancellable.ts";

describeClient({
  name: "CopilotKit 1, with an agent of its @ag-ui/client",
  adapter: "ag-ui",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "cancel",
  async ask(baseUrl, content, signal) {
    const agent = new HttpAgent({ url: `${baseUrl}/ag-ui/cfg-1`, fetch: fetchCancellable });
    const core = new CopilotKitCore({ agents__unsafe_dev_only: { default: agent } });
    const errors: Error[] = [];
    core.subscribe({ onError: ({ error }) => void errors.push(error) });
    agent.addMessage({ id: "m-1", role: "user", content });
    signal.addEventListener("abort", () => core.stopAgent({ agent }));
    await core.runAgent({ agent });
    const [failure] = errors;
    if (failure !== undefined) throw failure;
    return agent.messages
      .map((message) => (message.role === "assistant" ? (message.content ?? "") : ""))
      .join("");
  },
});
