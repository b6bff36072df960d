import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { RelayError } from "../../errors.ts";
import type { LineDecoderOptions, PayloadDecoder } from "./line-decoder.ts";

/**
 * The `data` of Server-Sent Events, for upstreams that answer with `text/event-stream`.
 *
 * @throws RelayError `gateway_protocol_error` for an event longer than `maxLineBytes`.
 */
export function createSseDecoder({ maxLineBytes }: LineDecoderOptions): PayloadDecoder {
  const utf8 = new StringDecoder("utf8");
  let payloads: string[] = [];
  let failure: RelayError | undefined;
  const parser = createParser({
    // Characters stand for bytes here: a bound on memory, not a measure.
    maxBufferSize: maxLineBytes,
    onEvent: ({ data }) => payloads.push(data),
    onError(error) {
      if (error.type !== "max-buffer-size-exceeded") return;
      failure = new RelayError(
        "gateway_protocol_error",
        `The gateway sent an event longer than maxLineBytes (${maxLineBytes}).`,
        { cause: error },
      );
    },
  });

  function feed(text: string): string[] {
    payloads = [];
    if (failure === undefined) parser.feed(text);
    // The events before one that is too long come first.
    if (failure !== undefined && payloads.length === 0) throw failure;
    return payloads;
  }

  return {
    push: (chunk) => feed(utf8.write(chunk)),
    // The specification drops an event without its blank line; what has arrived is not lost here.
    end: () => feed(`${utf8.end()}\n\n`),
  };
}
