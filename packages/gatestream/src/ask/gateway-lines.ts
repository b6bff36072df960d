import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { StringDecoder } from "node:string_decoder";
import { brotliDecompressSync, constants, unzipSync } from "node:zlib";
import { isObject, parseLine } from "@gatestream/relay/command";

/** What the gateway sent, as it arrived. */
export interface GatewayLines {
  /** `newline-delimited JSON (application/x-ndjson)`; undefined before the gateway has answered. */
  readonly framing: string | undefined;
  /** How many objects of each type came. One without a type counts by its fields: `{delta}`. */
  readonly types: ReadonlyMap<string, number>;
  /** Hands over what came after the last line feed, and listens no more. */
  close(): void;
}

interface ChannelMessage {
  readonly request: object;
  readonly response: { readonly statusCode: number; readonly headers: readonly Uint8Array[] };
  readonly chunk: Uint8Array;
}

const sseLine = /^(?:data|event|error|id|retry)?:/;

/**
 * Calls `onLine` with each line of the accepted answer to a chat request of this process. It reads
 * undici's diagnostics channels, so that the relay in between is the one that `serve` runs.
 */
export function readGatewayLines(onLine: (line: string) => void): GatewayLines {
  const types = new Map<string, number>();
  let chat: object | undefined;
  let contentType = "";
  let coding = "";
  let packed: Uint8Array[] = [];
  let isSse: boolean | undefined;
  let rest = "";
  const decoder = new StringDecoder("utf8");

  function onHeaders(message: unknown): void {
    const { request, response } = message as ChannelMessage;
    if (!isChat(request) || response.statusCode !== 200) return;
    chat = request;
    contentType = headerOf(response.headers, "content-type");
    coding = headerOf(response.headers, "content-encoding");
  }

  function onChunk(message: unknown): void {
    const { request, chunk } = message as ChannelMessage;
    if (request !== chat) return;
    if (coding === "") addText(decoder.write(Buffer.from(chunk)));
    else packed.push(chunk);
  }

  function addText(text: string): void {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) addLine(line.replace(/\r$/, ""));
  }

  function addLine(line: string): void {
    onLine(line);
    const text = line.replace(/^\uFEFF/, "").trim();
    if (text === "") return;
    isSse ??= sseLine.test(text);
    if (!isSse) count(text);
    else if (text.startsWith("data:")) count(text.slice("data:".length).trim());
  }

  function count(payload: string): void {
    const { values, isMalformed } = parseLine(payload);
    const names = values.map(typeOf);
    if (isMalformed) names.push(payload === "[DONE]" ? payload : "not JSON");
    for (const name of names) types.set(name, (types.get(name) ?? 0) + 1);
  }

  subscribe("undici:request:headers", onHeaders);
  subscribe("undici:request:bodyChunkReceived", onChunk);
  return {
    types,
    get framing() {
      if (chat === undefined) return undefined;
      const name = isSse ? "Server-Sent Events" : "newline-delimited JSON";
      const facts = [contentType || "no content type", ...(coding === "" ? [] : [coding])];
      return `${isSse === undefined ? "nothing" : name} (${facts.join(", ")})`;
    },
    close() {
      unsubscribe("undici:request:headers", onHeaders);
      unsubscribe("undici:request:bodyChunkReceived", onChunk);
      addText(packed.length === 0 ? decoder.end() : unpack(Buffer.concat(packed), coding));
      packed = [];
      if (rest !== "") addLine(rest);
      rest = "";
    },
  };
}

/** The relay's own `Accept`, which its other requests do not have. */
function isChat(request: object): boolean {
  const headers: unknown = "headers" in request ? request.headers : [];
  return (
    Array.isArray(headers) &&
    headers.some((text) => String(text).startsWith("application/x-ndjson,"))
  );
}

function headerOf(headers: readonly Uint8Array[], name: string): string {
  const texts = headers.map((bytes) => Buffer.from(bytes).toString("latin1"));
  const at = texts.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? "" : (texts[at + 1] ?? "");
}

/** Compression was not requested: the body is decompressed when complete, also when it was cut. */
function unpack(bytes: Uint8Array, coding: string): string {
  try {
    const unpacked =
      coding === "br"
        ? brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
        : unzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    return unpacked.toString("utf8");
  } catch {
    // The relay reports what is wrong with it.
    return "";
  }
}

function typeOf(value: unknown): string {
  if (!isObject(value)) return "not an object";
  const { type, object } = value;
  for (const name of [type, object]) if (typeof name === "string") return name;
  return `{${Object.keys(value).join(",")}}`;
}
