import { HttpAgent } from "@ag-ui/client";
import { describeClient } from "../describe-client.ts";
import { fetchCancellable } from "../fetch-cancellable.ts";

describeClient({
  name: "@ag-ui/client 1, HttpAgent",
  adapter: "ag-ui",
  onBrokenConnection: "error",
  onEarlyEnd: "accept",
  onAbort: "cancel",
  async ask(baseUrl, content, signal) {
    const agent = new HttpAgent({
      url: `${baseUrl}/ag-ui/cfg-1`,
      initialMessages: [{ id: "m-1", role: "user", content }],
      fetch: fetchCancellable,
    });
    const abortController = new AbortController();
    signal.addEventListener("abort", () => abortController.abort(signal.reason));
    let failure: unknown;
    const { newMessages } = await agent.runAgent(
      { abortController },
      { onRunErrorEvent: ({ event }) => void (failure = event.message) },
    );
    if (failure !== undefined) throw new Error(String(failure));
    return newMessages
      .map((message) => (message.role === "assistant" ? (message.content ?? "") : ""))
      .join("");
  },
});
