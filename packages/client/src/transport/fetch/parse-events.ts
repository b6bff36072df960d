import type { KnownEvent } from "@gatestream/protocol";
import { createParser } from "eventsource-parser";
import { StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";

/** Takes the next bytes of an event stream; true when `onEvent` has returned true. */
export type ParseEvents = (bytes: Uint8Array) => boolean;

/**
 * Parses Server-Sent Events of a relay. Tokens as a relay writes them, which nearly all events are, are
 * read by an expression; everything else by eventsource-parser and as JSON. The returned function throws
 * a `StreamError` with code `protocol` for an event that is larger than `maxEventBytes`, or not one of
 * a relay's.
 */
export function createEventParser(
  onEvent: Connection["onEvent"],
  maxEventBytes: number,
): ParseEvents {
  const utf8 = new TextDecoder();
  /** Without escapes, and short: longer ones would make the expression's own stack overflow. */
  const plainToken =
    /data: \{"type":"token","content":"([ !#-[\]-\uffff]{0,999})","index":(0|[1-9]\d*)\}\nid: (\d+)\n\n/y;
  /** Whether the parser is between two events: only then a token may pass it by. */
  let isBetweenEvents = true;
  let endedWithNewline = false;
  let isOver = false;
  /** Bytes since the last event. */
  let pendingBytes = 0;

  function deliver(event: KnownEvent, id: number | undefined, length: number): void {
    checkSize(length);
    pendingBytes = 0;
    isOver ||= onEvent(event, id);
  }

  function checkSize(bytes: number): void {
    if (bytes > maxEventBytes) throw protocolError("larger than maxEventBytes");
  }

  const parser = createParser({
    onEvent({ data, id }) {
      if (!isOver) deliver(parseData(data), id === undefined ? id : Number(id), data.length);
    },
  });

  /** Gives the parser what begins at `at`, up to an empty line; returns where that ends. */
  function feedBlock(text: string, at: number): number {
    const isEmptyLine = at === 0 && endedWithNewline && text.startsWith("\n");
    const emptyLine = text.indexOf("\n\n", at);
    isBetweenEvents = isEmptyLine || emptyLine !== -1;
    const end = isEmptyLine ? 1 : isBetweenEvents ? emptyLine + 2 : text.length;
    parser.feed(text.slice(at, end));
    return end;
  }

  return (bytes) => {
    const text = utf8.decode(bytes, { stream: true });
    pendingBytes += bytes.length;
    let at = 0;
    while (at < text.length && !isOver) {
      plainToken.lastIndex = at;
      const token = isBetweenEvents && plainToken.exec(text);
      if (token) {
        at = plainToken.lastIndex;
        // Not as an array: that would iterate.
        const { 0: whole, 1: content = "", 2: index, 3: id } = token;
        deliver({ type: "token", content, index: Number(index) }, Number(id), whole.length);
      } else at = feedBlock(text, at);
    }
    if (text !== "") endedWithNewline = text.endsWith("\n");
    if (!isOver) checkSize(pendingBytes);
    return isOver;
  };
}

function parseData(data: string): KnownEvent {
  let event: KnownEvent | null | undefined;
  try {
    event = JSON.parse(data);
  } catch {
    // Invalid JSON has no type either.
  }
  // Other fields are not checked; unknown types and fields are passed on as they are.
  if (typeof event?.type !== "string") throw protocolError("not JSON with a type");
  return event;
}

function protocolError(what: string): StreamError {
  return new StreamError("protocol", `The relay sent an event that is ${what}.`);
}
