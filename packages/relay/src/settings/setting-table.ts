import { defaultBasePath } from "@gatestream/protocol";
import { jwtSettingTable } from "@gatestream/relay-auth/settings";
import {
  anthropicSettingTable,
  openaiResponsesSettingTable,
  openaiSettingTable,
} from "@gatestream/relay-providers/settings";
import { answerOptionNames } from "../access/stream-request.ts";
import { isTrustedProxy } from "../access/client-address.ts";
import type { GenesysOptions } from "../gateway/genesys/provider.ts";
import type {
  ListSetting,
  NumberSetting,
  Pattern,
  Setting,
  SettingsOf,
  SwitchSetting,
  TextSetting,
} from "./setting.ts";

const mebibyte = 1_048_576;

function ms(usual: number, min = 1): NumberSetting {
  // The longest time that a Node timer can hold.
  return { default: usual, min, max: 2_147_483_647, unit: "ms" };
}

function bytes(usual: number): NumberSetting {
  return { default: usual, min: 1024, max: 1024 * mebibyte, unit: "bytes" };
}

function count(usual: number, min = 1, max = 1_000_000_000): NumberSetting {
  return { default: usual, min, max };
}

function text<Value extends string = string>(
  pattern: Pattern["pattern"],
  must: string,
  usual = "" as NoInfer<Value>,
): TextSetting<Value> {
  return { default: usual, pattern, must };
}

function list(pattern: Pattern["pattern"], must: string): ListSetting {
  return { default: [], pattern, must };
}

const on: SwitchSetting = { default: true };
const off: SwitchSetting = { default: false };

/** As browsers send it: other schemes (`capacitor://localhost`) have no origin for `URL`. */
function isOrigin(given: string): boolean {
  if (!URL.canParse(given)) return given === "*";
  const { origin, protocol, host } = new URL(given);
  return given === (origin === "null" ? `${protocol}//${host}` : origin);
}

/** Whether a client of Redis takes it; empty is none. */
function isRedisUrl(given: string): boolean {
  if (!URL.canParse(given)) return given === "";
  const { protocol, username, password, pathname } = new URL(given);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return /^rediss?:$/.test(protocol) && /^(?:\/\d*)?$/.test(pathname);
}

/**
 * Every setting of a relay, once: options, environment variables and flags are made from this table.
 * Times are milliseconds, sizes are bytes; an empty text is one that is not set.
 */
export const settingTable = {
  /** Where `listen()` listens; 0 takes a free port. @defaultValue 3000 */
  port: count(3000, 0, 65_535),
  /** The address to listen on. @defaultValue `"127.0.0.1"` */
  host: text(/^[\w.:-]+$/, "be an address or host name", "127.0.0.1"),
  /** The base path of the routes. @defaultValue `"/api/llm"` */
  basePath: text(/^(?:\/[\w.~-]+)+$/, 'begin with "/" and not end with one', defaultBasePath),
  /** To receive a whole request. @defaultValue 30000 */
  requestTimeoutMs: ms(30_000),
  /** Idle time of a kept-alive connection; longer than the load balancer's. @defaultValue 75000 */
  keepAliveTimeoutMs: ms(75_000),
  /** Open connections; 0 is no limit. @defaultValue 0 */
  maxConnections: count(0, 0),
  /**
   * Whose `X-Forwarded-For` is believed: addresses, networks (`10.0.0.0/8`), or `loopback`,
   * `linklocal`, `uniquelocal`. @defaultValue none
   */
  trustedProxies: list(
    { test: isTrustedProxy },
    "be addresses, networks such as 10.0.0.0/8, loopback, linklocal or uniquelocal",
  ),
  /** How long running streams may go on after `close()`. @defaultValue 30000 */
  shutdownGraceMs: ms(30_000, 0),

  /**
   * Who may call. `"none"` accepts every request: on a host that is not loopback
   * it must be set explicitly. `"jwt"` requires a token. @defaultValue `"none"` on loopback
   */
  auth: text<"none" | "jwt" | "">(/^(?:none|jwt)?$/, 'be "none" or "jwt"'),
  /**
   * Other origins whose pages may call, exactly as browsers send them, with credentials; `"*"`
   * alone is every origin, without credentials. @defaultValue none
   */
  allowedOrigins: list(
    { test: isOrigin },
    "be origins as browsers send them, without a path or a usual port, such as https://app.example.com",
  ),
  /** The `configurationId`s that callers may use. @defaultValue every one */
  allowedConfigurations: list(/^[^\s,]+$/, "be a list without blanks"),
  /** Whose clients may use the relay unchanged: `ai-sdk`, `openai`, `ag-ui`. @defaultValue none */
  adapters: list(/^(?:ai-sdk|openai|ag-ui)$/, "be of ai-sdk, openai, ag-ui"),
  /** Which `options` of a request callers may use, such as `temperature`. @defaultValue none */
  allowedOptions: list(
    { test: (given) => answerOptionNames.includes(given) },
    `be of ${answerOptionNames.join(", ")}`,
  ),
  /** Streams that one subject may start in a minute; 0 is no limit. @defaultValue 0 */
  requestsPerMinutePerSubject: count(0, 0),
  /** Streams that one subject may have at once; 0 is no limit. @defaultValue 0 */
  maxStreamsPerSubject: count(0, 0),
  /** What one subject's answers may cost in a minute, in tokens; 0 is no limit. @defaultValue 0 */
  tokensPerMinutePerSubject: count(0, 0),
  /** What they may cost in a day; 0 is no limit. @defaultValue 0 */
  tokensPerDayPerSubject: count(0, 0),
  /** Whether a caller's streams end when what they proved does. @defaultValue true */
  endOnTokenExpiry: on,
  ...jwtSettingTable,

  /** The largest request body. @defaultValue 1048576 */
  maxBodyBytes: bytes(mebibyte),

  /** From the request to the gateway's first byte. @defaultValue 120000 */
  firstByteTimeoutMs: ms(120_000),
  /** Silence of the gateway in the middle of an answer. @defaultValue 120000 */
  idleTimeoutMs: ms(120_000),
  /** A whole answer. @defaultValue 900000 */
  totalTimeoutMs: ms(900_000),
  /** Tries before the first byte of an answer, the first included. @defaultValue 4 */
  handshakeTries: count(4),
  /** No try begins later than this after the first. @defaultValue 30000 */
  handshakeDeadlineMs: ms(30_000),
  /**
   * Whether a request that the gateway may have taken is sent again after a reset, 502 or 504. It
   * may be billed again. @defaultValue false
   */
  retryUnanswered: off,
  /** Answers that the upstream gives at once; more wait in the queue. @defaultValue 256 */
  maxConcurrentStreams: count(256),
  /** What the upstream is sent in any minute, retries included. @defaultValue 300 */
  requestsPerMinute: count(300, 1, 1_000_000),
  /** Streams that may wait for their turn; more are refused. @defaultValue 1000 */
  maxQueued: count(1000, 0),
  /** How long each may wait. @defaultValue 30000 */
  queueTimeoutMs: ms(30_000),

  /** Silence towards the reader before a comment is sent. @defaultValue 15000 */
  heartbeatMs: ms(15_000, 100),
  /** How long a response's headers wait for the gateway. @defaultValue 5000 */
  firstByteGraceMs: ms(5_000, 0),
  /** What may wait for one reader before the gateway has to wait too. @defaultValue 1048576 */
  maxBufferedBytes: bytes(mebibyte),
  /** How long a reader may leave that waiting. @defaultValue 60000 */
  slowConsumerTimeoutMs: ms(60_000),

  /**
   * Where streams are kept for resuming: nowhere, in this process, or in Redis for all
   * relays on it. @defaultValue `"redis"` with `redisUrl`, else `"memory"`
   */
  resume: text<"off" | "memory" | "redis" | "">(
    /^(?:off|memory|redis)?$/,
    "be off, memory or redis",
  ),
  /** How long a detached stream goes on without a reader. @defaultValue 300000 */
  orphanGraceMs: ms(300_000),
  /** How long a stream is kept after its end; reading does not renew it. @defaultValue 600000 */
  retainClosedMs: ms(600_000),
  /** The limit per stream; the oldest events are dropped, and readers get a `gap`. @defaultValue 4194304 */
  maxLogBytes: bytes(4 * mebibyte),
  /** What all kept streams hold in memory; the first that ended go first. @defaultValue 268435456 */
  maxTotalLogBytes: bytes(256 * mebibyte),
  /** Ended streams kept for one subject; the oldest goes. @defaultValue 1000 */
  maxKeptStreamsPerSubject: count(1000),
  /** Redis or Valkey, which relays share: limits are counted there, streams kept. @defaultValue none */
  redisUrl: text(
    { test: isRedisUrl },
    "be like redis://host:6379 or rediss://user:password@host:6379/0",
  ),

  /**
   * Whether credentials may be sent over plain `http` or `redis` to a host that is not loopback.
   * @defaultValue false
   */
  allowPlaintextCredentials: off,
} satisfies Readonly<Record<string, Setting>>;

const httpOrigin = text(
  { test: (given) => /^https?:\/\/[^/?#@]+\/?$/i.test(given) && URL.canParse(given) },
  "be an http or https URL without a path: that is genesys.gatewayPath",
);

/** The options of `genesys`. */
const genesysSettingTable = {
  clientId: text(/./, "be set"),
  clientSecret: { ...text(/./, "be set"), secret: true },
  // An address is none: a region's hosts are names below its own.
  environment: text(
    {
      test: (given) =>
        /^\s*[\w-]+(?:\.[\w-]+)*\s*$/.test(given) && URL.canParse(`https://login.${given.trim()}`),
    },
    "be a host or a region without a scheme or path, such as mypurecloud.de or eu-central-1",
  ),
  loginUrl: httpOrigin,
  apiUrl: httpOrigin,
  gatewayPath: text(/^\//, 'begin with "/"'),
  scope: text(/^[^\r\n]*$/, "be one line"),
  sendMetadata: off,
} satisfies Readonly<Record<keyof GenesysOptions, Setting>>;

/** The options of the upstreams that have a name. */
export const upstreamTables = {
  genesys: genesysSettingTable,
  openai: openaiSettingTable,
  openaiResponses: openaiResponsesSettingTable,
  anthropic: anthropicSettingTable,
};

export type UpstreamName = keyof typeof upstreamTables;

export type SettingName = keyof typeof settingTable;

/** Every setting of a relay with its value. Times are milliseconds, sizes are bytes. */
export type RelaySettings = SettingsOf<typeof settingTable>;

export const settingNames = Object.keys(settingTable) as readonly SettingName[];
