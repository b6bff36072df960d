import { defaultBasePath } from "@gatestream/protocol";
import type { SettingRow } from "./setting-rows.ts";
import type { RelaySettings } from "./settings.ts";

export type SettingName = keyof RelaySettings;

/** The longest time that a Node timer can hold. */
const maxTimerMs = 2_147_483_647;
const mebibyte = 1_048_576;

function ms(value: number, meaning: string, min = 1): SettingRow {
  return { default: value, min, max: maxTimerMs, unit: "ms", meaning };
}

function bytes(value: number, meaning: string): SettingRow {
  return { default: value, min: 1024, max: 1024 * mebibyte, unit: "bytes", meaning };
}

function count(value: number, meaning: string, min = 1, max = 1_000_000_000): SettingRow {
  return { default: value, min, max, meaning };
}

function list(
  meaning: string,
  pattern = /^[^\s,]+$/,
  must = "be a list without blanks",
): SettingRow {
  return { default: [], pattern, must, meaning };
}

/** Text that may be missing. */
function text(meaning: string, pattern = /^[^\r\n]*$/, must = "be one line"): SettingRow {
  return { default: "", pattern, must, meaning };
}

const listening = {
  port: {
    default: 3000,
    min: 0,
    max: 65_535,
    environment: "PORT",
    meaning: "where to listen; 0 takes a free port",
  },
  host: {
    default: "127.0.0.1",
    pattern: /^[\w.:-]+$/,
    must: "be an address or host name",
    environment: "HOST",
    meaning: "the address to listen on",
  },
  basePath: {
    default: defaultBasePath,
    pattern: /^(?:\/[\w.~-]+)+$/,
    must: 'begin with "/" and not end with one',
    meaning: "where the routes live",
  },
  requestTimeoutMs: ms(30_000, "to receive a whole request"),
  keepAliveTimeoutMs: ms(75_000, "idle time of a kept-alive connection"),
  maxConnections: count(0, "open connections; 0 is no limit", 0),
  trustedProxies: list("whose X-Forwarded-For is believed: addresses, networks, or loopback"),
  shutdownGraceMs: ms(30_000, "how long running streams may go on after a stop", 0),
} satisfies Partial<Record<SettingName, SettingRow>>;

const callers = {
  auth: text(
    'who may call: "none" is everybody who reaches the port, "jwt" asks for a token',
    /^(?:none|jwt)?$/,
    'be "none" or "jwt"',
  ),
  allowedOrigins: list("other origins whose pages may call; * is all, without credentials"),
  allowedConfigurations: list("which configurationIds callers may use; none given is all"),
  requestsPerMinutePerSubject: count(
    0,
    "streams one subject may start in a minute; 0 is no limit",
    0,
  ),
  maxStreamsPerSubject: count(0, "streams one subject may have at once; 0 is no limit", 0),
  lookupsPerMinutePerSubject: count(
    10_000,
    "follow and cancel requests of one subject in a minute; 0 is no limit",
    0,
  ),
  maxSocketsPerSubject: count(1_000, "open WebSockets of one subject; 0 is no limit", 0),
  maxReadersPerSubject: count(10_000, "streams one subject may follow at once; 0 is no limit", 0),
  endOnTokenExpiry: { default: true, meaning: "whether a caller's streams end with their token" },
  jwtJwksUrl: text("where the keys of tokens are published", /^(?:https?:\/\/\S+)?$/, "be a URL"),
  jwtSecret: {
    default: "",
    pattern: /^[^]*$/,
    must: "be text",
    secret: true,
    meaning: "the shared secret that signs tokens",
  },
  jwtPublicKey: text("the public key of tokens, PEM", /^[^]*$/, "be text"),
  jwtIssuer: text("what iss must be; * is any issuer. Required with jwtJwksUrl"),
  jwtAudience: list("one of these must be in aud; * is any. Required with jwtJwksUrl"),
  jwtType: text("what the header parameter typ must be, such as at+jwt"),
  jwtMaxLifetimeMs: ms(0, "the longest time between iat and exp; 0 is no limit", 0),
  jwtAlgorithms: list("algorithms that are taken; none given is those that fit the key"),
  jwtClockToleranceMs: ms(5_000, "by how much clocks may differ", 0),
  jwtRequiredClaims: list("claims that must be there, as name or name=value"),
  jwtRequiredScopes: list("scopes that must be in scope or scp"),
  jwtSubjectClaim: {
    default: "sub",
    pattern: /^\S+$/,
    must: "be a claim's name",
    meaning: "which claim says who it is",
  },
  jwtConfigurationsClaim: text("which claim lists the configurationIds of its bearer", /^\S*$/),
  jwtCookie: text(
    "the HttpOnly cookie that may carry the token",
    /^[\w!#$%&'*+.^`|~-]*$/,
    "be a cookie's name",
  ),
} satisfies Partial<Record<SettingName, SettingRow>>;

const requests = {
  maxBodyBytes: bytes(mebibyte, "the largest request body"),
  maxMessages: count(256, "the longest conversation, in messages"),
  maxContentChars: count(200_000, "the longest message, in characters"),
} satisfies Partial<Record<SettingName, SettingRow>>;

const gateway = {
  connectTimeoutMs: ms(10_000, "to connect to the gateway"),
  firstByteTimeoutMs: ms(120_000, "to the gateway's first byte"),
  idleTimeoutMs: ms(120_000, "silence of the gateway in the middle of an answer"),
  totalTimeoutMs: ms(900_000, "a whole answer"),
  handshakeTries: count(4, "tries before the first byte, the first included"),
  handshakeDeadlineMs: ms(30_000, "no try begins later than this after the first"),
  retryUnanswered: {
    default: false,
    meaning:
      "whether a request that the gateway may have taken is sent again after a reset, 502 or 504: it may be billed again",
  },
  maxConcurrentStreams: count(256, "answers that the upstream gives at once"),
  requestsPerMinute: count(300, "what the upstream is sent in any minute", 1, 1_000_000),
  maxQueued: count(1000, "streams that may wait for their turn", 0),
  maxQueuedBytes: bytes(
    64 * mebibyte,
    "conversations that wait for their turn or are being sent, together",
  ),
  queueTimeoutMs: ms(30_000, "how long each may wait"),
  maxLineBytes: bytes(mebibyte, "the longest line of the gateway"),
  maxMalformedLines: count(16, "lines of an answer that are not JSON and are skipped", 0),
} satisfies Partial<Record<SettingName, SettingRow>>;

const readers = {
  heartbeatMs: ms(15_000, "silence towards the reader before a comment", 100),
  firstByteGraceMs: ms(5_000, "how long headers wait for the gateway", 0),
  maxBufferedBytes: bytes(mebibyte, "what may wait for one reader"),
  slowConsumerTimeoutMs: ms(60_000, "how long a reader may leave that waiting"),
} satisfies Partial<Record<SettingName, SettingRow>>;

const resumption = {
  resume: {
    default: "",
    pattern: /^(?:off|memory|redis)?$/,
    must: "be off, memory or redis",
    meaning:
      "where streams are kept for readers who come back: off, memory or redis; none given is redis with redisUrl, else memory, or off with several workers",
  },
  orphanGraceMs: ms(300_000, "how long a detached stream goes on without a reader"),
  retainClosedMs: ms(600_000, "how long a stream is kept after its end"),
  maxLogBytes: bytes(4 * mebibyte, "what is kept of one stream; the oldest goes"),
  maxTotalLogBytes: bytes(256 * mebibyte, "what all kept streams hold in memory"),
  maxKeptStreamsPerSubject: count(1000, "ended streams kept for one subject; the oldest goes"),
} satisfies Partial<Record<SettingName, SettingRow>>;

const operation = {
  redisUrl: text(
    "Redis or Valkey, which relays share: limits are counted there, streams kept",
    /^(?:rediss?:\/\/\S+)?$/,
    "begin with redis:// or rediss://",
  ),
  allowPlaintextCredentials: {
    default: false,
    meaning: "whether credentials may go unencrypted (http, redis) to a host that is not loopback",
  },
  workers: count(1, "processes that share the port, of the command only", 1, 256),
  logLevel: {
    default: "info",
    pattern: /^(?:trace|debug|info|warn|error|fatal|silent)$/,
    must: "be trace, debug, info, warn, error, fatal or silent",
    meaning: "the least that is logged",
  },
} satisfies Partial<Record<SettingName, SettingRow>>;

/** Every setting once: library option, environment variable and flag are made from this table. */
export const settingTable: Readonly<Record<SettingName, SettingRow>> = {
  ...listening,
  ...callers,
  ...requests,
  ...gateway,
  ...readers,
  ...resumption,
  ...operation,
};

export const settingNames = Object.keys(settingTable) as readonly SettingName[];

/** The settings in the order and under the headings of the documentation. */
export const settingGroups: readonly (readonly [title: string, names: readonly SettingName[]])[] = (
  [
    ["Listening", listening],
    ["Callers", callers],
    ["Requests", requests],
    ["The gateway", gateway],
    ["Readers", readers],
    ["Resumption", resumption],
    ["Operation", operation],
  ] as const
).map(([title, rows]) => [title, Object.keys(rows) as SettingName[]]);

/** The environment variable of a setting: `GATESTREAM_HEARTBEAT_MS`. */
export function environmentName(name: SettingName): string {
  return settingTable[name].environment ?? `GATESTREAM_${kebab(name, "_").toUpperCase()}`;
}

/** The command-line flag of a setting: `--heartbeat-ms`; a secret has none. */
export function flagName(name: SettingName): string | undefined {
  const row = settingTable[name];
  return "secret" in row && row.secret ? undefined : `--${kebab(name, "-")}`;
}

function kebab(name: string, separator: string): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}
