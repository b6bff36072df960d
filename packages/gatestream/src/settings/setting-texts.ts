import type { CommandSettingName } from "./command-settings.ts";

/** What each setting means, in the order and under the headings of the help and the documentation. */
const textGroups = {
  Listening: {
    port: "port to listen on; 0 takes a free port",
    host: "address to listen on",
    basePath: "base path of the routes",
    requestTimeoutMs: "time to receive a whole request",
    keepAliveTimeoutMs: "idle time of a kept-alive connection; longer than the load balancer's",
    maxConnections: "open connections; 0 is no limit",
    trustedProxies:
      "proxies whose X-Forwarded-For is believed: addresses, networks, loopback, linklocal or uniquelocal",
    shutdownGraceMs: "time that running streams have to end after a stop",
  },
  Callers: {
    auth: 'who may call: "none" is everyone who reaches the port, "jwt" requires a token',
    allowedOrigins: "other origins whose pages may call; * is every origin, without credentials",
    allowedConfigurations: "configurationIds that callers may use; none given is all",
    adapters:
      "whose clients may use the relay unchanged: ai-sdk, openai, ag-ui; none given is none",
    allowedOptions: "options that requests may have, such as temperature; none given is none",
    requestsPerMinutePerSubject: "streams that one subject may start in a minute; 0 is no limit",
    maxStreamsPerSubject: "streams that one subject may have at once; 0 is no limit",
    tokensPerMinutePerSubject:
      "tokens that one subject's answers may cost in a minute; 0 is no limit",
    tokensPerDayPerSubject: "tokens that they may cost in a day; 0 is no limit",
    endOnTokenExpiry: "whether a caller's streams end when their token expires",
    jwtJwksUrl: "URL of the published keys of tokens (JWKS)",
    jwtSecret: "shared secret that signs tokens",
    jwtPublicKey: "public key of tokens, in PEM",
    jwtIssuer: "required iss of tokens; * is any issuer. Required with jwtJwksUrl",
    jwtAudience: "one of these must be in aud; * is any. Required with jwtJwksUrl",
    jwtType: "required typ in the header of tokens, such as at+jwt",
    jwtMaxLifetimeMs: "longest time between iat and exp; 0 is no limit",
    jwtAlgorithms: "accepted algorithms; none given is those that fit the key",
    jwtRequiredClaims: "claims that tokens must have, as name or name=value",
    jwtRequiredScopes: "scopes that must be in scope or scp",
    jwtSubjectClaim: "claim that identifies the caller",
    jwtConfigurationsClaim: "claim that lists the configurationIds of its bearer",
    jwtCookie: "HttpOnly cookie that may carry the token",
  },
  Requests: {
    maxBodyBytes: "largest request body",
  },
  "The gateway": {
    firstByteTimeoutMs: "time to the gateway's first byte",
    idleTimeoutMs: "silence of the gateway in the middle of an answer",
    totalTimeoutMs: "time for a whole answer",
    handshakeTries: "tries before the first byte, the first included",
    handshakeDeadlineMs: "no try begins later than this after the first one",
    retryUnanswered:
      "whether a request that the gateway may have taken is sent again after a reset, 502 or 504: it may be billed again",
    maxConcurrentStreams: "answers that the upstream gives at once",
    requestsPerMinute: "requests to the upstream in any minute",
    maxQueued: "streams that may wait for their turn; more are refused",
    queueTimeoutMs: "how long each may wait for its turn",
  },
  Readers: {
    heartbeatMs: "silence towards the reader before a comment is sent",
    firstByteGraceMs: "how long headers wait for the gateway",
    maxBufferedBytes: "data that may wait for one reader",
    slowConsumerTimeoutMs: "how long a reader may leave data waiting",
  },
  Resumption: {
    resume:
      "where streams are kept for resuming: off, memory or redis; none given is redis with redisUrl, else memory, or off with several workers",
    orphanGraceMs: "how long a detached stream goes on without a reader",
    retainClosedMs: "how long a stream is kept after its end",
    maxLogBytes: "data kept of one stream; the oldest is dropped",
    maxTotalLogBytes: "data of all kept streams in memory",
    maxKeptStreamsPerSubject: "ended streams kept for one subject; the oldest is dropped",
  },
  Operation: {
    redisUrl: "Redis or Valkey that relays share: limits are counted and streams kept there",
    allowPlaintextCredentials:
      "whether credentials may go unencrypted (http, redis) to a host that is not loopback",
    auditTo:
      "record of each stream, its beginning and its end: a file of JSON lines, or redis for the Redis Stream gatestream:audit; of the command only",
    auditContent: "whether that record holds conversations and answers",
    auditRequired: "whether no stream begins while that record cannot be written",
    workers: "processes that share the port, of the command only",
    logLevel: "lowest level that is logged",
  },
} as const satisfies Readonly<Record<string, Partial<Record<CommandSettingName, string>>>>;

/** A heading, and the settings below it with their meanings. */
export type SettingGroup = readonly [
  title: string,
  settings: readonly (readonly [name: CommandSettingName, meaning: string])[],
];

export const settingGroups = Object.entries(textGroups).map(([title, texts]): SettingGroup => [
  title,
  // The keys are the table's.
  Object.entries(texts) as [CommandSettingName, string][],
]);
