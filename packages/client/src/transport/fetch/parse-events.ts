import type { KnownEvent } from "@gatestream/protocol";
import { StreamError } from "../../stream-error.ts";
import type { Connection } from "../transport.ts";

/** Takes the next bytes of an event stream; true when `onEvent` wants no more. */
export type ParseEvents = (bytes: Uint8Array) => boolean;

/**
 * Parses Server-Sent Events (HTML, "Interpreting an event stream"). Only `data` and `id` count: a
 * relay's event has its type in its data. The returned function throws a `StreamError` with code
 * `protocol` for an event that is larger than `maxEventBytes`, or not one of a relay's.
 */
export function createEventParser(
  onEvent: Connection["onEvent"],
  maxEventBytes: number,
): ParseEvents {
  const utf8 = new TextDecoder();
  /**
   * A token as a relay writes it, without escapes: nearly all are, and need no `JSON.parse`. Longer
   * ones would make the expression's own stack overflow.
   */
  const plainToken =
    /data: \{"type":"token","content":"([ !#-[\]-\uffff]{0,999})","index":(0|[1-9]\d*)\}\nid: (\d+)\n\n/y;
  const lineEnd = /\r\n?|\n/g;
  /** The beginning of a line whose end has not come. */
  let line = "";
  let data: string | undefined;
  let id: number | undefined;
  let endedWithCr = false;
  /** Bytes since the last event. */
  let pendingBytes = 0;

  function checkSize(bytes: number): void {
    if (bytes > maxEventBytes) throw protocolError("larger than maxEventBytes");
  }

  function deliver(event: KnownEvent, eventId: number | undefined, length: number): boolean {
    checkSize(length);
    pendingBytes = 0;
    return onEvent(event, eventId);
  }

  function takeField(): void {
    const [name = ""] = line.split(":", 1);
    const value = line.slice(name.length + 1).replace(/^ /, "");
    if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "id" && !value.includes("\0")) id = Number(value);
  }

  return (bytes) => {
    const text = utf8.decode(bytes, { stream: true });
    let at = endedWithCr && text.startsWith("\n") ? 1 : 0;
    pendingBytes += bytes.length;
    for (;;) {
      plainToken.lastIndex = at;
      const token = line === "" && data === undefined && id === undefined && plainToken.exec(text);
      if (token) {
        at = plainToken.lastIndex;
        const [{ length }, content = "", index, tokenId] = token;
        const event = { type: "token", content, index: Number(index) } as const;
        if (deliver(event, Number(tokenId), length)) return true;
        continue;
      }
      lineEnd.lastIndex = at;
      const end = lineEnd.exec(text);
      if (end === null) break;
      line += text.slice(at, end.index);
      at = lineEnd.lastIndex;
      if (line !== "") takeField();
      else {
        const event = data;
        const eventId = id;
        data = id = undefined;
        if (event !== undefined && deliver(parseData(event), eventId, event.length)) return true;
      }
      line = "";
    }
    line += text.slice(at);
    // An event does not wait for what may follow its last CR.
    if (text !== "") endedWithCr = text.endsWith("\r");
    checkSize(pendingBytes);
    return false;
  };
}

function parseData(data: string): KnownEvent {
  let event: KnownEvent | null | undefined;
  try {
    event = JSON.parse(data);
  } catch {
    // What is no JSON has no type either.
  }
  // Other fields are the relay's promise; unknown types and fields are passed on as they are.
  if (typeof event?.type !== "string") throw protocolError("not JSON with a type");
  return event;
}

function protocolError(what: string): StreamError {
  return new StreamError("protocol", `The relay sent an event that is ${what}.`);
}
