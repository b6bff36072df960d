import { createParser } from "eventsource-parser";
import { RelayError } from "../../errors.ts";
import { parseJson } from "./json.ts";
import { utf8, type LineDecoderOptions, type PayloadDecoder } from "./lines.ts";
import { createUnfinishedLine } from "./lines.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The `data` of Server-Sent Events, for upstreams that answer with `text/event-stream`. What a
 * server marks as an error, by an event of that name or by llama.cpp's `error:` field, becomes
 * `{"error": …}`.
 *
 * @throws RelayError `gateway_protocol_error` for an event longer than `maxLineBytes`.
 */
export function createSseDecoder({ maxLineBytes }: LineDecoderOptions): PayloadDecoder {
  const unfinished = createUnfinishedLine();
  let payloads: string[] = [];
  let failure: RelayError | undefined;
  const parser = createParser({
    // Characters stand for bytes here: a bound on memory, not a measure.
    maxBufferSize: maxLineBytes,
    onEvent: ({ event, data }) => payloads.push(event === "error" ? errorPayload(data) : data),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") failure = tooLong(error);
      else if (error.field === "error") payloads.push(errorPayload(error.value ?? ""));
    },
  });

  function tooLong(cause?: Error): RelayError {
    const message = `The gateway sent an event longer than maxLineBytes (${maxLineBytes}).`;
    return new RelayError("gateway_protocol_error", message, { cause });
  }

  function feed(lines: Uint8Array, rest = ""): void {
    if (failure === undefined) parser.feed(utf8(lines) + rest);
  }

  function take(): string[] {
    const taken = payloads;
    payloads = [];
    // The events before one that is too long come first.
    if (failure !== undefined && taken.length === 0) throw failure;
    return taken;
  }

  return {
    push(chunk) {
      // The parser gets whole lines: it drops a field that it does not know once it is cut.
      const end = Math.max(chunk.lastIndexOf(lineFeed), chunk.lastIndexOf(carriageReturn)) + 1;
      if (end > 0) feed(unfinished.finish(chunk.subarray(0, end)));
      if (failure === undefined) unfinished.append(chunk.subarray(end));
      if (unfinished.byteLength > maxLineBytes) failure ??= tooLong();
      return take();
    },
    end() {
      // The specification drops an event without its blank line; what has arrived is not lost here.
      feed(unfinished.finish(new Uint8Array()), "\n\n");
      return take();
    },
  };
}

function errorPayload(data: string): string {
  const error = parseJson(data) ?? data;
  return JSON.stringify({ error });
}
