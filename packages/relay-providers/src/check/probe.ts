import { type Dispatcher, request } from "undici";
import {
  createDispatcher,
  headerValue,
  type HeaderValues,
  type UpstreamSettings,
} from "@gatestream/relay/parts";

/** More than any list of models or keys; what lies beyond is left. */
const maxBytes = 4 * 1024 * 1024;

export interface ProbeOptions {
  readonly dispatcher: Dispatcher;
  /** Such as a key. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
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
  const { dispatcher, headers: given = {}, timeoutMs } = options;
  // Held by its timer: an AbortSignal.timeout that only AbortSignal.any knows can be collected before
  // its time, and then it never aborts.
  const overdue = new AbortController();
  const timer = setTimeout(
    () => overdue.abort(new DOMException("The request took too long.", "TimeoutError")),
    timeoutMs,
  );
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      headers: { accept: "application/json", ...given },
      signal: AbortSignal.any([options.signal, overdue.signal]),
    });
    const kept: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      kept.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
    return { status: statusCode, headers, text: Buffer.concat(kept).toString("utf8", 0, maxBytes) };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a page for people came where programs are answered. */
function isHtml({ headers, text }: ProbeReply): boolean {
  const contentType = headerValue(headers, "content-type") ?? "";
  return /^text\/html\b/i.test(contentType) || /^\s*<(?:!doctype|html)\b/i.test(text);
}

/** A person is waiting. Connecting has a shorter limit, to distinguish it from not answering. */
const maxConnectMs = 5_000;
const maxTryMs = 8_000;

export interface CheckConnections {
  /** The creator destroys it. */
  readonly dispatcher: Dispatcher;
  /** For each try, in milliseconds. */
  readonly timeoutMs: number;
}

/** Connections of their own, so that a check leaves those of the provider alone. */
export function createCheckConnections(settings: UpstreamSettings): CheckConnections {
  return {
    dispatcher: createDispatcher(maxConnectMs),
    timeoutMs: Math.min(settings.handshakeDeadlineMs, maxTryMs),
  };
}

/**
 * What is wrong with a reply whatever was asked, without a full stop; undefined where its status
 * and text are the upstream's own.
 */
export function replyProblem(reply: ProbeReply): string | undefined {
  const { status, headers } = reply;
  if (status >= 300 && status < 400) {
    const location = headerValue(headers, "location") ?? "elsewhere";
    return `it sends one on to ${location} (status ${status}), where the relay does not follow`;
  }
  // Servers that are right have HTML for what they refuse, too.
  if (status < 400 && isHtml(reply)) {
    return "it answers with a page for people: a proxy or a sign-in stands between, or the address is another server's";
  }
  if (status === 407) return "a proxy stands between and wants to know who asks (status 407)";
  if (status === 429) return "its rate limit is reached (status 429): try again in a minute";
  if (status >= 500) return `it is away or overloaded (status ${status}): try again later`;
  return undefined;
}

/** What each code of the system and of OpenSSL means for the operator. */
const meanings: readonly (readonly [codes: RegExp, meaning: string])[] = [
  [
    /^ENOTFOUND$/,
    "there is no host of that name: a typing error, or a name that this machine's DNS does not know",
  ],
  [/^EAI_/, "this machine's DNS does not answer"],
  [/^ECONNREFUSED$/, "nobody listens there: the server does not run, or its port is another"],
  [
    /^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    "no connection comes about in time: a firewall may drop it, or outgoing connections need a proxy",
  ],
  [
    /^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    "there is no route: is this machine's network or VPN up?",
  ],
  [
    /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/,
    "it closes the connection without an answer: TLS where it speaks none, none where it wants it, or a firewall",
  ],
  [
    /^(?:ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/,
    "it does not speak TLS there: is the address one without it, such as http, or is the port another?",
  ],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/,
    "nobody whom this machine trusts has signed its certificate: name the file of your own authority in NODE_EXTRA_CA_CERTS",
  ],
  [
    /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/,
    "its certificate is not valid now: it wants renewing, or this machine's clock is wrong",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "its certificate is another host's: the address is wrong, or something stands between",
  ],
  [/^(?:ERR_SSL_|ERR_TLS_)/, "TLS with it fails"],
];

export const noAnswerInTime = "it takes the connection and does not answer in time";

/** Why no HTTP answer came, and what may mend it; without a full stop. */
export function connectionProblem(failure: unknown): string {
  if (!(failure instanceof Error)) return `it failed: ${String(failure)}`;
  if (failure.name === "TimeoutError") return noAnswerInTime;
  if (failure.name === "HTTPParserError") return "what it answers is not HTTP/1.1";
  const code = codeOf(failure);
  const meaning = meanings.find(([codes]) => codes.test(code))?.[1];
  return meaning === undefined ? `it failed: ${code || failure.message}` : `${meaning} (${code})`;
}

function codeOf(failure: Error): string {
  return "code" in failure && typeof failure.code === "string" ? failure.code : "";
}
