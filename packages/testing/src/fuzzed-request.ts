import * as fc from "fast-check";

/** A request that is made up, and as bytes. */
export interface FuzzedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** How the body's length is declared. */
  readonly framing: "length" | "chunks" | "none" | "too short" | "too long";
}

/** Mostly the first, sometimes one of the others. */
function mostly<Value>(
  usual: fc.Arbitrary<Value>,
  ...others: readonly fc.Arbitrary<Value>[]
): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 6 * others.length, arbitrary: usual },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);

const scenarios = ["answer", "html", "bad-request", "empty", "no-stop", "malformed-line", "cut"];
const contentOfMessage = mostly(
  fc.constantFrom(...scenarios).map((name) => `/scenario ${name}`),
  fc.string({ unit: "binary", maxLength: 30 }),
);
const message = mostly<unknown>(
  fc.record({ role: fc.constantFrom("user", "system", "assistant"), content: contentOfMessage }),
  fc.jsonValue(),
);
const question = fc.record({
  configurationId: mostly<unknown>(fc.constant("cfg-1"), fc.string(), fc.jsonValue()),
  messages: mostly<unknown>(fc.array(message, { minLength: 1, maxLength: 3 }), fc.jsonValue()),
});
const strangeFields = fc.dictionary(
  mostly(fc.constantFrom("onDisconnect", "__proto__", "constructor", "toString"), fc.string()),
  mostly<unknown>(fc.constantFrom("abort", "detach"), fc.jsonValue()),
  { minKeys: 1, maxKeys: 3 },
);
const value = mostly<unknown>(
  question,
  fc
    .tuple(question, strangeFields)
    .map((parts) => Object.fromEntries(parts.flatMap(Object.entries))),
  fc.jsonValue(),
);
const body = mostly(
  value.map((each) => Buffer.from(JSON.stringify(each))),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
);

const headerName = mostly(
  fc.constantFrom(
    "Accept",
    "Accept-Encoding",
    "Access-Control-Request-Method",
    "Authorization",
    "Connection",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "Expect",
    "Idempotency-Key",
    "Last-Event-ID",
    "Origin",
    "Prefer",
    "Sec-Fetch-Site",
    "TE",
    "Trailer",
    "Upgrade",
    "X-Forwarded-For",
    "X-Request-Id",
  ),
  token,
);
const headerValue = mostly(
  fc.constantFrom(
    "",
    "*/*",
    "-1",
    "100-continue",
    "Bearer a.b.c",
    "application/json",
    "close",
    "gzip",
    "https://elsewhere.example",
    "identity",
    "null",
    "respond-async",
    "text/event-stream",
    "websocket",
  ),
  fc.stringMatching(/^[\x20-\x7e]{0,40}$/),
  fc.string({ unit: "binary", maxLength: 20 }),
);

export const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = fc.record({
  method: mostly(
    fc.constant("POST"),
    fc.constantFrom("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "QUERY"),
    token,
  ),
  target: mostly(
    fc.constant("/api/llm/stream"),
    fc.constantFrom("/", "*", "/api/llm", "/healthz", "/readyz", "/metrics"),
    fc.webPath(),
    fc.string().map((path) => `/api/llm/${path}`),
  ),
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 3 }),
  body,
  framing: mostly<FuzzedRequest["framing"]>(
    fc.constantFrom("length", "chunks"),
    fc.constantFrom("none", "too short", "too long"),
  ),
});

export function bytesOf({
  method,
  target,
  headers,
  body: content,
  framing,
}: FuzzedRequest): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/json",
    ...framingLine(framing, content.length),
    ...headers.map(([name, text]) => `${name}: ${text}`),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  if (framing !== "chunks") return Buffer.concat([head, content]);
  const chunk = [Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")];
  return Buffer.concat([head, ...(content.length > 0 ? chunk : []), Buffer.from("0\r\n\r\n")]);
}

function framingLine(framing: FuzzedRequest["framing"], length: number): readonly string[] {
  switch (framing) {
    case "none":
      return [];
    case "chunks":
      return ["Transfer-Encoding: chunked"];
    case "length":
      return [`Content-Length: ${length}`];
    case "too short":
      return [`Content-Length: ${Math.max(0, length - 1)}`];
    case "too long":
      return [`Content-Length: ${length + 1}`];
  }
}
