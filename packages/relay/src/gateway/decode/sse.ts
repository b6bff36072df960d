import { createParser, type EventSourceParser } from "eventsource-parser";
import { RelayError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { maxLineBytes, UnfinishedLine, utf8, type PayloadDecoder } from "./lines.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The `data` of Server-Sent Events, for upstreams that answer with `text/event-stream`. What a
 * server marks as an error, by an event of that name or by llama.cpp's `error:` field, becomes
 * `{"error": …}`. An event that is too long is a `gateway_protocol_error`.
 */
export class SseDecoder implements PayloadDecoder {
  readonly #maxBytes: number;
  readonly #unfinished = new UnfinishedLine();
  readonly #parser: EventSourceParser;
  #payloads: string[] = [];
  #failure: RelayError | undefined;

  constructor(maxBytes = maxLineBytes) {
    this.#maxBytes = maxBytes;
    this.#parser = createParser({
      // Characters stand for bytes here: a bound on memory, not a measure.
      maxBufferSize: maxBytes,
      onEvent: ({ event, data }) =>
        this.#payloads.push(event === "error" ? errorPayload(data) : data),
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.#refuse(error);
        else if (error.field === "error") this.#payloads.push(errorPayload(error.value ?? ""));
      },
    });
  }

  push(chunk: Uint8Array): string[] {
    // The parser gets whole lines: it drops a field that it does not know once it is cut.
    const end = Math.max(chunk.lastIndexOf(lineFeed), chunk.lastIndexOf(carriageReturn)) + 1;
    if (end > 0) this.#feed(chunk.subarray(0, end));
    if (this.#failure === undefined) this.#unfinished.append(chunk.subarray(end));
    if (this.#unfinished.byteLength > this.#maxBytes) this.#refuse();
    return this.#take();
  }

  end(): string[] {
    // The specification drops an event without its blank line; what has arrived is not lost here.
    this.#feed(new Uint8Array(), "\n\n");
    return this.#take();
  }

  #feed(lines: Uint8Array, rest = ""): void {
    const text = utf8(this.#unfinished.finish(lines)) + rest;
    if (this.#failure === undefined) this.#parser.feed(text);
  }

  #refuse(cause?: Error): void {
    const message = `The gateway sent an event longer than ${this.#maxBytes} bytes.`;
    this.#failure ??= new RelayError("gateway_protocol_error", message, { cause });
  }

  #take(): string[] {
    const taken = this.#payloads;
    this.#payloads = [];
    // The events before one that is too long come first.
    if (this.#failure !== undefined && taken.length === 0) throw this.#failure;
    return taken;
  }
}

function errorPayload(data: string): string {
  const error = parseJson(data) ?? data;
  return JSON.stringify({ error });
}
