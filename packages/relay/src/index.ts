export type {
  AnswerOptions,
  ContentPart,
  ErrorCode,
  ErrorEvent,
  FileEvent,
  GatewayEvent,
  ImagePart,
  Message,
  NoticeEvent,
  PartEvent,
  ReasoningEvent,
  SourceEvent,
  StartEvent,
  StopEvent,
  StreamEvent,
  StreamRequest,
  TerminalEvent,
  TextPart,
  TokenEvent,
  Tool,
  ToolCall,
  ToolCallEvent,
  ToolChoice,
  Usage,
} from "@gatestream/protocol";
export type {
  AnthropicOptions,
  OpenaiOptions,
  OpenaiResponsesOptions,
} from "@gatestream/relay-providers/settings";
export type { Authenticate, Caller, MayFollow, OthersStream } from "./access/caller.ts";
export { isRelayError, RelayError, type RelayErrorOptions } from "./errors.ts";
export type { GenesysOptions } from "./gateway/genesys/provider.ts";
export type {
  Answer,
  AnswerFlow,
  AnswerSink,
  Finding,
  Provider,
  ProviderContext,
} from "./gateway/provider.ts";
export type {
  Following,
  FoundStream,
  LoggedStream,
  LogReader,
  LogWriter,
  LostStream,
  ResumableLog,
  StreamFacts,
  WriterListener,
} from "./log/event-log.ts";
export { LogBatch } from "./log/log-batch.ts";
export type { Audit, AuditTrail } from "./observe/audit.ts";
export type {
  AttemptFailed,
  AuditDropped,
  AuditFailed,
  AuditReady,
  ConnectionDropped,
  Observer,
  ObserverEvent,
  PhaseBegun,
  ReaderDropped,
  ReaderResumed,
  RedisLost,
  RedisReady,
  RequestRefused,
  SocketClosed,
  SocketOpened,
  StreamContinued,
  StreamEnded,
  StreamPhase,
  StreamStarted,
  Transport,
  UpstreamAnswered,
} from "./observe/observer.ts";
export type { IncomingTrace, StartTrace, StreamTrace, TracedStream } from "./observe/trace.ts";
export {
  OptionsError,
  type AnthropicUpstream,
  type GenesysUpstream,
  type OpenaiResponsesUpstream,
  type OpenaiUpstream,
  type ProviderUpstream,
  type RelayBaseOptions,
  type RelayOptions,
} from "./settings/options.ts";
export type {
  Adapter,
  AdapterExchange,
  AdapterFormat,
  AdapterReply,
  AdapterRoute,
  WholeAnswer,
} from "./http/adapter.ts";
export type { FetchHandler, FetchOptions } from "./http/fetch.ts";
export { type OutputFormat, sseFormat } from "./http/sse.ts";
export { createRelay, type ListeningAt, type Relay } from "./relay.ts";
export type { RequestHandler } from "./http/router.ts";
export type { UpgradeTransport, UpgradeHandler } from "./http/upgrades.ts";
export type { RelaySettings } from "./settings/setting-table.ts";
