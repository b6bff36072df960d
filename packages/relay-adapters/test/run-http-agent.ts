import { HttpAgent } from "@ag-ui/client";
import { fetchCancellable } from "./fetch-cancellable.ts";

export interface HttpAgentRun {
  readonly url: string;
  readonly content?: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** Runs AG-UI's own agent, and resolves with the text of its messages. */
export async function runWith(given: HttpAgentRun): Promise<string> {
  const { url, content = "", signal, fetch: fetchResponse = fetchCancellable } = given;
  const agent = new HttpAgent({
    url,
    initialMessages: [{ id: "m-1", role: "user", content }],
    fetch: fetchResponse,
  });
  const abortController = new AbortController();
  signal?.addEventListener("abort", () => abortController.abort(signal.reason));
  let failure: unknown;
  const { newMessages } = await agent.runAgent(
    { abortController },
    { onRunErrorEvent: ({ event }) => void (failure = event.message) },
  );
  if (failure !== undefined) throw new Error(String(failure));
  return newMessages
    .map((message) => (message.role === "assistant" ? (message.content ?? "") : ""))
    .join("");
}
