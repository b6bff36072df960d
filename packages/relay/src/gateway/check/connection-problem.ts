/** What each of the system's and OpenSSL's codes means for somebody who set up the relay. */
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
