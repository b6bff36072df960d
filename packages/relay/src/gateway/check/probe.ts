import { request, type Dispatcher } from "undici";
import { headerValue, type HeaderValues } from "../handshake/response-headers.ts";

/** More than any list of models or keys; what lies beyond is left. */
const maxBytes = 4 * 1024 * 1024;

export interface ProbeOptions {
  readonly dispatcher: Dispatcher;
  /** The value of `Authorization`. @defaultValue none */
  readonly authorization?: string | undefined;
  readonly signal: AbortSignal;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ProbeReply {
  readonly status: number;
  readonly headers: HeaderValues;
  readonly text: string;
}

/**
 * GETs `url`, which neither changes nor costs anything.
 *
 * @throws the connection's own error, which `connectionProblem` puts into words.
 */
export async function probe(url: URL, options: ProbeOptions): Promise<ProbeReply> {
  const { dispatcher, authorization, timeoutMs } = options;
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    headers: { accept: "application/json", ...(authorization ? { authorization } : {}) },
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]),
  });
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    kept.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) break;
  }
  return { status: statusCode, headers, text: Buffer.concat(kept).toString("utf8", 0, maxBytes) };
}

/** Whether a page for people came where programs are answered. */
export function isHtml({ headers, text }: ProbeReply): boolean {
  const contentType = headerValue(headers, "content-type") ?? "";
  return /^text\/html\b/i.test(contentType) || /^\s*<(?:!doctype|html)\b/i.test(text);
}
