/**
 * `@gatestream/relay/parts`: what the packages beside the relay need of it. It is not for other
 * programs: any release may change it.
 */
export type { Authenticate, Caller } from "./access/caller.ts";
export type { RequestCounter } from "./access/limits.ts";
export { hint } from "./settings/name-hint.ts";
export { OptionsError, resolveSettings } from "./settings/options.ts";
export { readSettings, type Setting, type SettingsOf } from "./settings/setting.ts";
export { settingTable } from "./settings/setting-table.ts";
export { describeError, drainingError, isRelayError, RelayError, toRelayError } from "./errors.ts";
export { cancel, follow, start } from "./flow.ts";
export { isObject, parseJson, parseObject } from "./json.ts";
export { createSkip, type Translator } from "./gateway/decode/read-answer.ts";
export { headerValue, type HeaderValues } from "./gateway/headers.ts";
export {
  createDispatcher,
  createHttpProvider,
  type HttpProvider,
  type UpstreamSettings,
} from "./gateway/http-provider.ts";
export type { Finding, Provider } from "./gateway/provider.ts";
export { reportedError } from "./gateway/refusal.ts";
export type {
  Following,
  LoggedStream,
  LogReader,
  LogWriter,
  LostStream,
  ResumableLog,
  StreamFacts,
  WriterListener,
} from "./log/event-log.ts";
export { KeptStream, type ReadPosition, reasonOf } from "./log/kept-stream.ts";
export { type EventLine, LogBatch } from "./log/log-batch.ts";
export type { Audit, AuditTrail } from "./observe/audit.ts";
export type {
  RelayMetrics,
  AttemptFailed,
  Observer,
  ObserverEvent,
  StreamEnded,
  StreamIds,
  StreamPhase,
  UpstreamAnswered,
} from "./observe/observer.ts";
export {
  readTrace,
  type RemoteTrace,
  type StartTrace,
  type StreamTrace,
  type TracedStream,
} from "./observe/trace.ts";
export type {
  Adapter,
  AdapterExchange,
  AdapterFormat,
  AdapterReply,
  AdapterRoute,
  WholeAnswer,
} from "./http/adapter.ts";
export { isTemporary } from "./http/follow-stream.ts";
export type { OutputFormat } from "./http/sse.ts";
export type { OpenTransport, TransportUpgrade, UpgradeTransport } from "./http/upgrades.ts";
export {
  readAnswerRequest,
  traceOf,
  type AnswerRequest,
  type RelayContext,
} from "./stream/answer-request.ts";
export type { Reader } from "./stream/reader.ts";
export { whenExpired, within } from "./timers.ts";
