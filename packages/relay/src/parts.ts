/**
 * `@gatestream/relay/parts`: what the packages beside the relay need of it. It is not for other
 * programs: any release may change it.
 */
export type { Authenticate, Caller } from "./admission/caller.ts";
export type { RequestCounter } from "./admission/limits/request-counter.ts";
export {
  readPublicKey,
  defaultAlgorithmsFor,
  defaultKeyAlgorithms,
  defaultSecretAlgorithms,
} from "./configuration/jwt-keys.ts";
export { jwtProblems, readClaimRule } from "./configuration/jwt-problems.ts";
export type { JwtSettings } from "./configuration/jwt-settings.ts";
export { OptionsError } from "./configuration/options.ts";
export { isRedisUrl, redisUrlRule } from "./configuration/redis-url.ts";
export { whatItMust } from "./configuration/setting-rows.ts";
export { settingNames, settingTable } from "./configuration/setting-table.ts";
export { shown } from "./configuration/shown.ts";
export { hint } from "./configuration/unknown-names.ts";
export { describeError, isRelayError, RelayError, toRelayError } from "./errors.ts";
export { cancel, follow, start } from "./flow.ts";
export type {
  Following,
  LogReader,
  LogWriter,
  ResumableLog,
  StreamFacts,
  WriterListener,
} from "./log/event-log.ts";
export { KeptStream, type ReadPosition } from "./log/kept-stream.ts";
export { type EventLine, LogBatch } from "./log/log-batch.ts";
export { createRetention } from "./log/retention.ts";
export type { RelayMetrics } from "./observe/metrics.ts";
export type { Observer, ObserverEvent, StreamEnded, StreamPhase } from "./observe/observer.ts";
export type { IncomingTrace } from "./observe/remote-trace.ts";
export type { OutputFormat } from "./output/format.ts";
export {
  readAnswerRequest,
  type GivenRequest,
  type RequestParts,
} from "./routes/answer-request.ts";
export type {
  OpenTransport,
  TransportContext,
  TransportUpgrade,
  UpgradeTransport,
} from "./routes/upgrade-transport.ts";
export type { AnswerRequest } from "./stream/answer-request.ts";
export { whenExpired } from "./stream/expiry.ts";
export { drainingError } from "./stream/streams.ts";
export type { Reader } from "./transport/reader.ts";
export type { UpgradeRequest } from "./transport/refuse-upgrade.ts";
