import { defaultBasePath } from "@gatestream/protocol";

/** Every setting of a relay with its value. Times are milliseconds, sizes are bytes. */
export interface RelaySettings {
  /** Where `listen()` listens; 0 takes a free port. @defaultValue 3000 */
  readonly port: number;
  /** The address to listen on. @defaultValue `"127.0.0.1"` */
  readonly host: string;
  /**
   * Who may call. `"none"` lets everybody in who reaches the port: on a host that is not loopback
   * it must be said out loud. @defaultValue `"none"` on loopback
   */
  readonly auth: "none" | "";
  /** Where the routes live. @defaultValue `"/api/llm"` */
  readonly basePath: string;
  /** Silence towards the reader before a comment is sent. @defaultValue 15000 */
  readonly heartbeatMs: number;
  /** How long a response's headers wait for the gateway. @defaultValue 5000 */
  readonly firstByteGraceMs: number;
  /** To connect to the gateway. @defaultValue 10000 */
  readonly connectTimeoutMs: number;
  /** From the request to the gateway's first byte. @defaultValue 120000 */
  readonly firstByteTimeoutMs: number;
  /** Silence of the gateway in the middle of an answer. @defaultValue 120000 */
  readonly idleTimeoutMs: number;
  /** A whole answer. @defaultValue 900000 */
  readonly totalTimeoutMs: number;
  /** Tries before the first byte of an answer, the first included. @defaultValue 4 */
  readonly handshakeTries: number;
  /** No try begins later than this after the first. @defaultValue 30000 */
  readonly handshakeDeadlineMs: number;
  /** Answers that the upstream gives at once; more wait in the queue. @defaultValue 256 */
  readonly maxConcurrentStreams: number;
  /** What the upstream is sent in any minute, retries included. @defaultValue 300 */
  readonly requestsPerMinute: number;
  /** Streams that may wait for their turn; more are refused. @defaultValue 1000 */
  readonly maxQueued: number;
  /** How long each may wait. @defaultValue 30000 */
  readonly queueTimeoutMs: number;
  /** The largest request body. @defaultValue 1048576 */
  readonly maxBodyBytes: number;
  /** The longest conversation, in messages. @defaultValue 256 */
  readonly maxMessages: number;
  /** The longest message, in UTF-16 code units. @defaultValue 200000 */
  readonly maxContentChars: number;
  /** The longest line of the gateway. @defaultValue 1048576 */
  readonly maxLineBytes: number;
  /** Lines of an answer that are not JSON and are skipped; one more ends it. @defaultValue 16 */
  readonly maxMalformedLines: number;
  /** What may wait for one reader before the gateway has to wait too. @defaultValue 1048576 */
  readonly maxBufferedBytes: number;
  /** How long a reader may leave that waiting. @defaultValue 60000 */
  readonly slowConsumerTimeoutMs: number;
  /** To receive a whole request. @defaultValue 30000 */
  readonly requestTimeoutMs: number;
  /** Idle time of a kept-alive connection; longer than the load balancer's. @defaultValue 75000 */
  readonly keepAliveTimeoutMs: number;
  /** Open connections; 0 is no limit. @defaultValue 0 */
  readonly maxConnections: number;
  /** How long running streams may go on after `close()`. @defaultValue 30000 */
  readonly shutdownGraceMs: number;
}

interface NumberRow {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit?: "ms" | "bytes";
}

interface TextRow {
  readonly default: string;
  readonly pattern: RegExp;
  /** What `pattern` asks for, after "must". */
  readonly must: string;
}

export type SettingRow = (NumberRow | TextRow) & {
  /** @defaultValue `GATESTREAM_` and the name in capitals */
  readonly environment?: string;
  readonly meaning: string;
};

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

/** Every setting once: library option, environment variable and flag are made from this table. */
export const settingTable: Readonly<Record<SettingName, SettingRow>> = {
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
  auth: {
    default: "",
    pattern: /^(?:none)?$/,
    must: 'be "none"',
    meaning: 'who may call; "none" is everybody who reaches the port',
  },
  basePath: {
    default: defaultBasePath,
    pattern: /^(?:\/[\w.~-]+)+$/,
    must: 'begin with "/" and not end with one',
    meaning: "where the routes live",
  },
  heartbeatMs: ms(15_000, "silence towards the reader before a comment", 100),
  firstByteGraceMs: ms(5_000, "how long headers wait for the gateway", 0),
  connectTimeoutMs: ms(10_000, "to connect to the gateway"),
  firstByteTimeoutMs: ms(120_000, "to the gateway's first byte"),
  idleTimeoutMs: ms(120_000, "silence of the gateway in the middle of an answer"),
  totalTimeoutMs: ms(900_000, "a whole answer"),
  handshakeTries: count(4, "tries before the first byte, the first included"),
  handshakeDeadlineMs: ms(30_000, "no try begins later than this after the first"),
  maxConcurrentStreams: count(256, "answers that the upstream gives at once"),
  requestsPerMinute: count(300, "what the upstream is sent in any minute", 1, 1_000_000),
  maxQueued: count(1000, "streams that may wait for their turn", 0),
  queueTimeoutMs: ms(30_000, "how long each may wait"),
  maxBodyBytes: bytes(mebibyte, "the largest request body"),
  maxMessages: count(256, "the longest conversation, in messages"),
  maxContentChars: count(200_000, "the longest message, in characters"),
  maxLineBytes: bytes(mebibyte, "the longest line of the gateway"),
  maxMalformedLines: count(16, "lines of an answer that are not JSON and are skipped", 0),
  maxBufferedBytes: bytes(mebibyte, "what may wait for one reader"),
  slowConsumerTimeoutMs: ms(60_000, "how long a reader may leave that waiting"),
  requestTimeoutMs: ms(30_000, "to receive a whole request"),
  keepAliveTimeoutMs: ms(75_000, "idle time of a kept-alive connection"),
  maxConnections: count(0, "open connections; 0 is no limit", 0),
  shutdownGraceMs: ms(30_000, "how long running streams may go on after a stop", 0),
};

export const settingNames = Object.keys(settingTable) as readonly SettingName[];

/** The environment variable of a setting: `GATESTREAM_HEARTBEAT_MS`. */
export function environmentName(name: SettingName): string {
  return settingTable[name].environment ?? `GATESTREAM_${kebab(name, "_").toUpperCase()}`;
}

/** The command-line flag of a setting: `--heartbeat-ms`. */
export function flagName(name: SettingName): string {
  return `--${kebab(name, "-")}`;
}

function kebab(name: string, separator: string): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}
