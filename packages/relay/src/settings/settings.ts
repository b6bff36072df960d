import type { JwtSettings } from "./jwt-settings.ts";

/** Every setting of a relay with its value. Times are milliseconds, sizes are bytes. */
export interface RelaySettings extends JwtSettings {
  /** Where `listen()` listens; 0 takes a free port. @defaultValue 3000 */
  readonly port: number;
  /** The address to listen on. @defaultValue `"127.0.0.1"` */
  readonly host: string;
  /** The base path of the routes. @defaultValue `"/api/llm"` */
  readonly basePath: string;
  /** To receive a whole request. @defaultValue 30000 */
  readonly requestTimeoutMs: number;
  /** Idle time of a kept-alive connection; longer than the load balancer's. @defaultValue 75000 */
  readonly keepAliveTimeoutMs: number;
  /** Open connections; 0 is no limit. @defaultValue 0 */
  readonly maxConnections: number;
  /**
   * Whose `X-Forwarded-For` is believed: addresses, networks (`10.0.0.0/8`), or `loopback`,
   * `linklocal`, `uniquelocal`. @defaultValue none
   */
  readonly trustedProxies: readonly string[];
  /** How long running streams may go on after `close()`. @defaultValue 30000 */
  readonly shutdownGraceMs: number;
  /**
   * Who may call. `"none"` accepts every request: on a host that is not loopback
   * it must be set explicitly. `"jwt"` requires a token. @defaultValue `"none"` on loopback
   */
  readonly auth: "none" | "jwt" | "";
  /**
   * Other origins whose pages may call, exactly as browsers send them, with credentials; `"*"`
   * alone is every origin, without credentials. @defaultValue none
   */
  readonly allowedOrigins: readonly string[];
  /** The `configurationId`s that callers may use. @defaultValue every one */
  readonly allowedConfigurations: readonly string[];
  /** Streams that one subject may start in a minute; 0 is no limit. @defaultValue 0 */
  readonly requestsPerMinutePerSubject: number;
  /** Streams that one subject may have at once; 0 is no limit. @defaultValue 0 */
  readonly maxStreamsPerSubject: number;
  /** Follow and cancel requests of one subject in a minute; 0 is no limit. @defaultValue 10000 */
  readonly lookupsPerMinutePerSubject: number;
  /** Open WebSockets of one subject; 0 is no limit. @defaultValue 1000 */
  readonly maxSocketsPerSubject: number;
  /** Streams that one subject may follow at once; 0 is no limit. @defaultValue 10000 */
  readonly maxReadersPerSubject: number;
  /** Whether a caller's streams end when what they proved does. @defaultValue true */
  readonly endOnTokenExpiry: boolean;
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
  /**
   * Whether a request that the gateway may have taken is sent again after a reset, 502 or 504. It
   * may be billed again. @defaultValue false
   */
  readonly retryUnanswered: boolean;
  /** Answers that the upstream gives at once; more wait in the queue. @defaultValue 256 */
  readonly maxConcurrentStreams: number;
  /** What the upstream is sent in any minute, retries included. @defaultValue 300 */
  readonly requestsPerMinute: number;
  /** Streams that may wait for their turn; more are refused. @defaultValue 1000 */
  readonly maxQueued: number;
  /**
   * Conversations that wait for their turn or are being sent, together; one alone is always taken.
   * @defaultValue 67108864
   */
  readonly maxQueuedBytes: number;
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
  /**
   * Where streams are kept for resuming: nowhere, in this process, or in Redis for all
   * relays on it. @defaultValue `"redis"` with `redisUrl`, else `"memory"`, or `"off"` with several workers
   */
  readonly resume: "off" | "memory" | "redis" | "";
  /** How long a detached stream goes on without a reader. @defaultValue 300000 */
  readonly orphanGraceMs: number;
  /** How long a stream is kept after its end; reading does not renew it. @defaultValue 600000 */
  readonly retainClosedMs: number;
  /** The limit per stream; the oldest events are dropped, and readers get a `gap`. @defaultValue 4194304 */
  readonly maxLogBytes: number;
  /** What all kept streams hold in memory; the first that ended go first. @defaultValue 268435456 */
  readonly maxTotalLogBytes: number;
  /** Ended streams kept for one subject; the oldest goes. @defaultValue 1000 */
  readonly maxKeptStreamsPerSubject: number;
  /** Redis or Valkey, which relays share: limits are counted there, streams kept. @defaultValue none */
  readonly redisUrl: string;
  /**
   * Whether credentials may be sent over plain `http` or `redis` to a host that is not loopback.
   * @defaultValue false
   */
  readonly allowPlaintextCredentials: boolean;
  /** Processes of `gatestream serve` that share the port; `createRelay` is one. @defaultValue 1 */
  readonly workers: number;
  /** The least that `gatestream serve` logs. @defaultValue `"info"` */
  readonly logLevel: string;
}
