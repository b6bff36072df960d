import { once } from "node:events";
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { text } from "node:stream/consumers";
import type { ErrorReply } from "@gatestream/protocol";

export interface AskOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** A request body that the relay takes. */
export function question(content: string) {
  return { configurationId: "cfg-1", messages: [{ role: "user", content }] };
}

/** Sends a request on a connection of its own; a body that is no text is sent as JSON. */
export function ask(url: string, body: unknown, options: AskOptions = {}): ClientRequest {
  const { method = "POST", headers = {} } = options;
  const request = httpRequest(url, {
    method,
    agent: false,
    headers: { "Content-Type": "application/json", ...headers },
  });
  // A test that destroys a request ignores the error; one that awaits a response gets it there.
  request.on("error", () => {});
  if (body === undefined) request.end();
  else
    request.end(typeof body === "string" || body instanceof Buffer ? body : JSON.stringify(body));
  return request;
}

/** The head of the reply. */
export async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** The whole reply. */
export async function replyTo(request: ClientRequest): Promise<Reply> {
  const response = await responseTo(request);
  const { statusCode: status = 0, headers } = response;
  return { status, headers, text: await text(response) };
}

/** The refusal in a reply. */
export function refusalIn(reply: Reply): ErrorReply["error"] {
  return (JSON.parse(reply.text) as ErrorReply).error;
}

/** What has arrived when `isEnough` first says so; the rest stays unread. */
export async function textUntil(
  response: IncomingMessage,
  isEnough: (text: string) => boolean,
): Promise<string> {
  const decoder = new TextDecoder();
  let received = "";
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    received += decoder.decode(chunk, { stream: true });
    if (isEnough(received)) return received;
  }
  throw new Error(`The response ended before there was enough: ${received}`);
}
