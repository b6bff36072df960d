import { HttpAgent } from "@ag-ui/client";
import { describeClient } from "../describe-client.ts";

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

/** It cancels a body that broke, which rejects, and nothing handles that: it would end a Node process. */
async function fetchCancellable(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  const { body } = response;
  if (body === null) return response;
  const reader = body.getReader();
  const cancel = reader.cancel.bind(reader);
  reader.cancel = (reason) => cancel(reason).catch(() => {});
  return Object.defineProperty(response, "body", { value: { getReader: () => reader } });
}
