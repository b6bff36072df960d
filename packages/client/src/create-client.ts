import type { StreamRequest } from "@gatestream/protocol";
import { createTokenStream, type StreamOptions, type TokenStream } from "./token-stream.ts";
import { createFetchTransport, type TransportOptions } from "./transport/fetch-transport.ts";

export interface ClientOptions extends TransportOptions {}

export interface Client {
  /**
   * Asks for an answer and streams it.
   *
   * @example
   * ```ts
   * const stream = client.stream(
   *   { configurationId: "cfg-1", messages: [{ role: "user", content: "Hello" }] },
   *   { onToken: (text) => output.append(text) },
   * );
   * const { text, reason } = await stream.result();
   * ```
   */
  stream(request: StreamRequest, options?: StreamOptions): TokenStream;
}

/** Makes a client of the relay at `url`. It holds no connection and needs no closing. */
export function createClient(options: ClientOptions): Client {
  const transport = createFetchTransport(options);
  return {
    stream: (request, streamOptions) => createTokenStream(transport, request, streamOptions),
  };
}
